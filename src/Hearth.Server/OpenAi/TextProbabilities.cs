using System.Text;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;

namespace Hearth.Server.OpenAi;

/// <summary>Writes the log-probabilities of one answer's tokens in the older shape, whole or in pieces.</summary>
/// <param name="tokenizer">The vocabulary, which says what of a token is in the text.</param>
internal sealed class TextProbabilities(Tokenizer tokenizer)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>Characters that the text has so far.</summary>
    public int Offset { get; set; }

    /// <summary>The next tokens of an answer.</summary>
    public TextLogProbabilities Write(IReadOnlyList<TokenProbability> tokens) => Write(tokens, token => !tokenizer.IsHidden(token.Token));

    /// <summary>The next tokens.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="isInText">Whether the text has one of them.</param>
    public TextLogProbabilities Write(IReadOnlyList<TokenProbability> tokens, Func<TokenProbability, bool> isInText)
    {
        List<int> offsets = [];
        foreach (TokenProbability token in tokens)
        {
            offsets.Add(Offset);
            if (isInText(token))
            {
                // A character whose bytes are those of several tokens is counted with the last one.
                Offset += _decoder.GetChars(token.Bytes.Span, new char[token.Bytes.Length + 2], flush: false);
            }
        }

        return new TextLogProbabilities(
            [.. tokens.Select(TokenJson.TextOrBytes)],
            [.. tokens.Select(token => (float?)TokenJson.LogProbability(token))],
            [.. tokens.Select(Alternatives)],
            offsets,
            [.. tokens.Select(token => (int?)token.Rank)]);
    }

    // Two tokens can write the same; the likelier one, which comes first, is kept.
    private static Dictionary<string, float> Alternatives(TokenProbability token)
    {
        Dictionary<string, float> alternatives = [];
        foreach (TokenProbability top in token.Top)
        {
            alternatives.TryAdd(TokenJson.TextOrBytes(top), TokenJson.LogProbability(top));
        }

        return alternatives;
    }
}
