using System.Buffers;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// PLaMo 2's tokenizer: of all ways to write the text with tokens, the one with the highest sum of scores in steps of 1/10 000, from the
/// end of the text on; of two equal ones the one whose first token is longer. A character that is no token costs 1000 and is written
/// as bytes. A byte order mark at the beginning is dropped.
/// </summary>
internal sealed class Plamo2Encoder : TextEncoder
{
    private const double ScoreSteps = 1e4;
    private const int LowestScore = -20_000_000;
    private const int UnknownCost = 10_000_000;
    private const char ByteOrderMark = '\uFEFF';
    private readonly ByteTrie _tokens;
    private readonly int[] _scores;
    private readonly int[] _byteTokens;

    /// <param name="vocabulary">The tokens; there must be one for each byte.</param>
    /// <exception cref="TokenizerException">A byte has no token.</exception>
    public Plamo2Encoder(Vocabulary vocabulary)
    {
        _byteTokens = new int[256];
        Array.Fill(_byteTokens, ByteTrie.None);
        for (int id = 0; id < vocabulary.Size; id++)
        {
            if ((vocabulary.Attributes[id] & TokenAttributes.Byte) != 0
                && VocabularyReader.TryParseByte(vocabulary.Texts[id], out byte value))
            {
                _byteTokens[value] = id;
            }
        }

        int missing = Array.IndexOf(_byteTokens, ByteTrie.None);
        if (missing >= 0)
        {
            throw TokenizerException.MissingByteToken((byte)missing);
        }

        _scores = Array.ConvertAll(vocabulary.Scores, InSteps);
        _tokens = vocabulary.BuildTrie(id => _scores[id] > LowestScore, fromTexts: false);
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, bool begins, EncodeBuffers buffers, List<int> tokens)
    {
        ReadOnlySpan<byte> bytes = buffers.Utf8(text.Length > 0 && text[0] == ByteOrderMark ? text[1..] : text);
        Best[] best = ArrayPool<Best>.Shared.Rent(bytes.Length + 1);
        best[bytes.Length] = default;
        long steps = 0;
        for (int start = bytes.Length - 1; start >= 0; start--)
        {
            steps++;
            if (!IsContinuation(bytes[start]))
            {
                best[start] = FindBest(bytes, start, best, ref steps);
            }
        }

        for (int start = 0; start < bytes.Length; start += best[start].Length)
        {
            if (best[start].Token >= 0)
            {
                tokens.Add(best[start].Token);
                continue;
            }

            foreach (byte value in bytes.Slice(start, best[start].Length))
            {
                tokens.Add(_byteTokens[value]);
            }
        }

        ArrayPool<Best>.Shared.Return(best);
        buffers.Steps += steps;
    }

    private Best FindBest(ReadOnlySpan<byte> bytes, int start, ReadOnlySpan<Best> best, ref long steps)
    {
        int character = Utf8Text.LengthOf(bytes[start]);
        Best result = new(best[start + character].Cost + UnknownCost, character, ByteTrie.None);
        int node = ByteTrie.Root;
        for (int end = start; end < bytes.Length && (node = _tokens.Child(node, bytes[end])) >= 0;)
        {
            end++;
            steps++;
            int token = _tokens.Value(node);
            if (token < 0 || (end < bytes.Length && IsContinuation(bytes[end])))
            {
                continue;
            }

            long cost = best[end].Cost - _scores[token];
            if (cost <= result.Cost)
            {
                result = new Best(cost, end - start, token);
            }
        }

        return result;
    }

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;

    // Half away from zero; what is no number, or is too low, is never used.
    private static int InSteps(float score) => !float.IsFinite(score) ? LowestScore
        : (int)Math.Clamp(Math.Round(score * ScoreSteps, MidpointRounding.AwayFromZero), LowestScore, int.MaxValue);

    // The best way to write the text from a place on: its cost, and the bytes of its first token and which it is, or none.
    private readonly record struct Best(long Cost, int Length, int Token);
}
