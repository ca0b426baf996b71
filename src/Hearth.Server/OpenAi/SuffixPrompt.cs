using Hearth.Engine.Tokenization;
using Hearth.Server.Errors;

namespace Hearth.Server.OpenAi;

/// <summary>The prompt of a completion with a <c>suffix</c>: prefix, suffix and the mark of the middle, in whole.</summary>
internal static class SuffixPrompt
{
    /// <summary>The tokens. Special tokens in texts are text.</summary>
    /// <exception cref="ApiException">The vocabulary has no tokens for this.</exception>
    public static IReadOnlyList<int> Encode(CompletionInput prefix, string suffix, Tokenizer tokenizer)
    {
        if (tokenizer.Special is not { FimPrefix: int before, FimSuffix: int after, FimMiddle: int middle } special)
        {
            const string Message = "'suffix' is not supported by this model: its vocabulary has no tokens for filling in the middle. Use a model made for code completion.";
            throw ApiException.Unsupported("suffix", Message);
        }

        List<int> Plain(string text) => tokenizer.Encode(text, addSpecial: false, parseSpecial: false);
        ReadOnlySpan<int> begin = special is { AddBos: true, Bos: int bos } ? [bos] : [];
        return [.. begin, before, .. prefix.Tokens ?? Plain(prefix.Text!), after, .. Plain(suffix), middle];
    }
}
