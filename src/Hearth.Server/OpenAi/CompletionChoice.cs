using System.Text;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;

namespace Hearth.Server.OpenAi;

/// <summary>Writes the parts of one choice of a text completion, in order.</summary>
/// <param name="request">The request.</param>
/// <param name="prompt">The number of its prompt.</param>
/// <param name="index">The number of the choice.</param>
internal sealed class CompletionChoice(CompletionRequest request, int prompt, int index)
{
    private readonly Tokenizer _tokenizer = request.Parameters.Model.Tokenizer;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private int _offset;

    /// <summary>The prompt itself.</summary>
    /// <param name="scores">Log-probabilities of its tokens from the second on.</param>
    public TextChoice Echo(IReadOnlyList<TokenProbability> scores)
    {
        IReadOnlyList<int> tokens = request.Prompts[prompt];
        string text = request.Inputs[prompt].Text ?? _tokenizer.DecodeText(tokens, includeSpecial: true);
        if (request.LogProbabilities is null)
        {
            _offset = text.Length;
            return new TextChoice(index, text, null, null);
        }

        // Nothing comes before the first token.
        TokenProbability first = new(tokens[0], _tokenizer.TokenBytes(tokens[0]).ToArray(), 0, []);
        TextLogProbabilities written = Write(WithoutSpace([first, .. scores], text), token => IsEchoed(token, text));
        _offset = text.Length;
        return new TextChoice(index, text, written with { TokenLogprobs = [null, .. written.TokenLogprobs.Skip(1)], TopLogprobs = [null, .. written.TopLogprobs.Skip(1)] }, null);
    }

    /// <summary>A part of the answer, or all of it.</summary>
    public TextChoice Answer(string text, IReadOnlyList<TokenProbability> tokens, FinishReason? reason) => new(
        index,
        text,
        request.LogProbabilities is null ? null : Write(tokens, token => !_tokenizer.IsHidden(token.Token)),
        reason is FinishReason known ? Endpoint.NameOf(known) : null);

    /// <summary>The end of an answer whose parts have been written.</summary>
    public TextChoice End(FinishReason reason) => new(index, string.Empty, null, Endpoint.NameOf(reason));

    /// <summary>The prompt and its answer as one.</summary>
    public static TextChoice Join(TextChoice echo, TextChoice answer) => answer with
    {
        Text = echo.Text + answer.Text,
        Logprobs = echo.Logprobs is not { } first || answer.Logprobs is not { } second ? answer.Logprobs : new TextLogProbabilities(
            [.. first.Tokens, .. second.Tokens],
            [.. first.TokenLogprobs, .. second.TokenLogprobs],
            [.. first.TopLogprobs, .. second.TopLogprobs],
            [.. first.TextOffset, .. second.TextOffset]),
    };

    private TextLogProbabilities Write(IReadOnlyList<TokenProbability> tokens, Func<TokenProbability, bool> isInText)
    {
        List<int> offsets = [];
        foreach (TokenProbability token in tokens)
        {
            offsets.Add(_offset);
            if (isInText(token))
            {
                // A character whose bytes are those of several tokens is counted with the last one.
                _offset += _decoder.GetChars(token.Bytes.Span, new char[token.Bytes.Length + 2], flush: false);
            }
        }

        return new TextLogProbabilities([.. tokens.Select(Text)], [.. tokens.Select(token => (float?)token.LogProbability)], [.. tokens.Select(Alternatives)], offsets);
    }

    // Some vocabularies put a space in front of every text.
    private List<TokenProbability> WithoutSpace(List<TokenProbability> tokens, string text)
    {
        int begin = tokens.FindIndex(token => !_tokenizer.IsControl(token.Token));
        if (begin >= 0 && !text.StartsWith(' ') && tokens[begin].Bytes.Span is [(byte)' ', ..])
        {
            tokens[begin] = tokens[begin] with { Bytes = tokens[begin].Bytes[1..] };
        }

        return tokens;
    }

    // What a vocabulary puts around a text is no part of it.
    private bool IsEchoed(TokenProbability token, string text) =>
        !_tokenizer.IsControl(token.Token) || text.AsSpan(Math.Min(_offset, text.Length)).StartsWith(Text(token), StringComparison.Ordinal);

    // Two tokens of broken bytes can have the same text; the likelier one, which comes first, is kept.
    private static Dictionary<string, float> Alternatives(TokenProbability token)
    {
        Dictionary<string, float> alternatives = [];
        foreach (TokenProbability top in token.Top)
        {
            alternatives.TryAdd(Text(top), top.LogProbability);
        }

        return alternatives;
    }

    private static string Text(TokenProbability token) => Encoding.UTF8.GetString(token.Bytes.Span);
}
