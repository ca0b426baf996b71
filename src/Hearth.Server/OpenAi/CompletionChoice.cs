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
    private readonly TextProbabilities _probabilities = new(request.Parameters.Model.Tokenizer);

    /// <summary>The prompt itself.</summary>
    /// <param name="scores">Log-probabilities of its tokens from the second on.</param>
    public TextChoice Echo(IReadOnlyList<TokenProbability> scores)
    {
        IReadOnlyList<int> tokens = request.Prompts[prompt];
        string text = request.Inputs[prompt].Text ?? _tokenizer.DecodeText(tokens, includeSpecial: true);
        if (request.LogProbabilities is null)
        {
            _probabilities.Offset = text.Length;
            return new TextChoice(index, text, null, null);
        }

        // Nothing comes before the first token.
        TokenProbability first = new(tokens[0], _tokenizer.TokenBytes(tokens[0]).ToArray(), 0, []);
        TextLogProbabilities written = _probabilities.Write(WithoutSpace([first, .. scores], text), token => IsEchoed(token, text));
        _probabilities.Offset = text.Length;
        return new TextChoice(index, text, written with { TokenLogprobs = [null, .. written.TokenLogprobs.Skip(1)], TopLogprobs = [null, .. written.TopLogprobs.Skip(1)], GreedyRanks = [null, .. written.GreedyRanks.Skip(1)] }, null);
    }

    /// <summary>A part of the answer, or all of it.</summary>
    public TextChoice Answer(string text, IReadOnlyList<TokenProbability> tokens, FinishReason? reason) => new(
        index,
        text,
        request.LogProbabilities is null ? null : _probabilities.Write(tokens),
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
            [.. first.TextOffset, .. second.TextOffset],
            [.. first.GreedyRanks, .. second.GreedyRanks]),
    };

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
        !_tokenizer.IsControl(token.Token) || text.AsSpan(Math.Min(_probabilities.Offset, text.Length)).StartsWith(TokenJson.Text(token), StringComparison.Ordinal);
}
