using System.Buffers;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// SentencePiece's unigram model (T5): of all ways to write the normalised text with tokens, the one with the highest sum of scores. A
/// character that is no token costs the lowest score less 10, and a run of such characters is one unknown token.
/// </summary>
internal sealed class UnigramEncoder : TextEncoder
{
    private const float UnknownPenalty = 10;
    private readonly ByteTrie _tokens;
    private readonly double[] _scores;
    private readonly float _unknownScore;
    private readonly int _unknown;
    private readonly UnigramNormalizer _normalizer;

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="unknown">The unknown token; null for none.</param>
    /// <param name="normalizer">What is done to the text first.</param>
    public UnigramEncoder(Vocabulary vocabulary, int? unknown, UnigramNormalizer normalizer)
    {
        _unknown = unknown ?? ByteTrie.None;
        _normalizer = normalizer;
        _scores = new double[vocabulary.Size];
        float lowest = float.MaxValue;
        for (int id = 0; id < vocabulary.Size; id++)
        {
            bool userDefined = (vocabulary.Attributes[id] & TokenAttributes.UserDefined) != 0;
            _scores[id] = userDefined ? 0 : vocabulary.Scores[id];
            if ((vocabulary.Attributes[id] & TokenAttributes.Normal) != 0 && vocabulary.Scores[id] < lowest)
            {
                lowest = vocabulary.Scores[id];
            }
        }

        _unknownScore = lowest - UnknownPenalty;
        const TokenAttributes Matched = TokenAttributes.Normal | TokenAttributes.UserDefined | TokenAttributes.Unused;
        _tokens = vocabulary.BuildTrie(id => (vocabulary.Attributes[id] & Matched) != 0, fromTexts: true);
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, bool begins, EncodeBuffers buffers, List<int> tokens)
    {
        long steps = 0;
        _normalizer.Normalize(buffers.Utf8(text), buffers.Normalized, ref steps);
        ReadOnlySpan<byte> bytes = buffers.Normalized.WrittenSpan;
        if (!bytes.IsEmpty)
        {
            Best[] best = ArrayPool<Best>.Shared.Rent(bytes.Length + 1);
            FindBest(bytes, best.AsSpan(0, bytes.Length + 1), ref steps);
            AddTokens(best, bytes.Length, tokens);
            ArrayPool<Best>.Shared.Return(best);
        }

        buffers.Steps += steps;
    }

    private void FindBest(ReadOnlySpan<byte> bytes, Span<Best> best, ref long steps)
    {
        best.Fill(new Best(double.MinValue, 0, _unknown));
        best[0] = new Best(0, 0, _unknown);
        for (int start = 0; start < bytes.Length;)
        {
            int characterEnd = Math.Min(bytes.Length, start + Utf8Text.LengthOf(bytes[start]));
            double score = best[start].Score;
            bool known = false;
            int node = ByteTrie.Root;
            for (int end = start; end < bytes.Length && (node = _tokens.Child(node, bytes[end])) >= 0;)
            {
                end++;
                steps++;
                int token = _tokens.Value(node);
                if (token >= 0)
                {
                    known |= end == characterEnd;
                    Improve(ref best[end], score + _scores[token], start, token);
                }
            }

            if (!known)
            {
                Improve(ref best[characterEnd], score + _unknownScore, start, _unknown);
            }

            steps++;
            start = characterEnd;
        }
    }

    private static void Improve(ref Best best, double score, int start, int token)
    {
        if (score > best.Score)
        {
            best = new Best(score, start, token);
        }
    }

    private void AddTokens(ReadOnlySpan<Best> best, int end, List<int> tokens)
    {
        int first = tokens.Count, last = ByteTrie.None;
        bool any = false;
        while (end > 0)
        {
            int token = best[end].Token;
            if (token >= 0 && !(any && token == _unknown && last == _unknown))
            {
                tokens.Add(token);
            }

            any = true;
            last = token;
            end = best[end].Start;
        }

        tokens.Reverse(first, tokens.Count - first);
    }

    // The best way to write the text up to a place: its score, and where its last token begins and which it is.
    private readonly record struct Best(double Score, int Start, int Token);
}
