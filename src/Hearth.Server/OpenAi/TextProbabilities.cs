using System.Text;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;

namespace Hearth.Server.OpenAi;

/// <summary>Writes the log-probabilities of one answer's tokens in the older shape, whole or in pieces.</summary>
/// <param name="tokenizer">The vocabulary, which says what of a token is in the text.</param>
internal sealed class TextProbabilities(Tokenizer tokenizer)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private int _offset;

    /// <summary>The next tokens.</summary>
    public TextLogProbabilities Write(IReadOnlyList<TokenProbability> tokens)
    {
        List<int> offsets = [];
        foreach (TokenProbability token in tokens)
        {
            offsets.Add(_offset);
            if (!tokenizer.IsHidden(token.Token))
            {
                _offset += _decoder.GetChars(token.Bytes.Span, new char[token.Bytes.Length + 2], flush: false);
            }
        }

        return new TextLogProbabilities(
            [.. tokens.Select(TokenJson.TextOrBytes)],
            [.. tokens.Select(TokenJson.LogProbability)],
            [.. tokens.Select(Alternatives)],
            offsets,
            [.. tokens.Select(token => token.Rank)]);
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
