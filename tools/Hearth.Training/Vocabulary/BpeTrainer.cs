namespace Hearth.Training.Vocabulary;

/// <summary>Learns merges (Sennrich et al. 2016): the most frequent adjacent pair becomes a token, again and again.</summary>
internal sealed class BpeTrainer
{
    private readonly List<(List<string> Symbols, int Count)> _words = [];
    private readonly Dictionary<(string Left, string Right), int> _pairs = [];
    private readonly Dictionary<(string Left, string Right), HashSet<int>> _places = [];
    private readonly HashSet<string> _made = [];

    private BpeTrainer(IEnumerable<string> texts)
    {
        Dictionary<string, int> counts = [];
        foreach (string piece in texts.SelectMany(ByteLevel.Pieces))
        {
            counts[piece] = counts.GetValueOrDefault(piece) + 1;
        }

        foreach ((string piece, int count) in counts)
        {
            _words.Add(([.. piece.Select(character => character.ToString())], count));
            Count(_words.Count - 1, count);
        }
    }

    /// <summary>
    /// Learns merges until the vocabulary has <paramref name="size"/> tokens. Ties go to the pair that sorts first by ordinal, so the
    /// result depends on the texts alone.
    /// </summary>
    /// <exception cref="InvalidDataException">The texts have too few different pairs.</exception>
    public static BpeVocabulary Train(IEnumerable<string> texts, int size)
    {
        var trainer = new BpeTrainer(texts);
        List<(string Left, string Right)> merges = [];
        while (BpeVocabulary.BaseTokens + merges.Count < size)
        {
            (string Left, string Right) pair = trainer.MostFrequentPair()
                ?? throw new InvalidDataException($"The text gives {merges.Count} merges; {size - BpeVocabulary.BaseTokens} are needed: add text.");
            merges.Add(pair);
            trainer.Merge(pair);
        }

        return new BpeVocabulary(merges);
    }

    private (string Left, string Right)? MostFrequentPair()
    {
        (string Left, string Right)? best = null;
        int bestCount = 0;
        foreach (((string Left, string Right) pair, int count) in _pairs)
        {
            // Two merges that spell the same token would give it two ids.
            if (count < Math.Max(1, bestCount) || _made.Contains(pair.Left + pair.Right))
            {
                continue;
            }

            if (count > bestCount || Compare(pair, best!.Value) < 0)
            {
                (best, bestCount) = (pair, count);
            }
        }

        return best;
    }

    private void Merge((string Left, string Right) pair)
    {
        _made.Add(pair.Left + pair.Right);
        foreach (int word in _places[pair].ToArray())
        {
            (List<string> symbols, int count) = _words[word];
            Count(word, -count);
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                if (symbols[i] == pair.Left && symbols[i + 1] == pair.Right)
                {
                    symbols[i] += symbols[i + 1];
                    symbols.RemoveAt(i + 1);
                }
            }

            Count(word, count);
        }
    }

    /// <summary>Adds (or, when negative, takes away) a word's pairs.</summary>
    private void Count(int word, int count)
    {
        List<string> symbols = _words[word].Symbols;
        for (int i = 0; i + 1 < symbols.Count; i++)
        {
            (string, string) pair = (symbols[i], symbols[i + 1]);
            _pairs[pair] = _pairs.GetValueOrDefault(pair) + count;
            if (!_places.TryGetValue(pair, out HashSet<int>? places))
            {
                _places[pair] = places = [];
            }

            if (count > 0)
            {
                places.Add(word);
            }
            else
            {
                places.Remove(word);
            }
        }
    }

    private static int Compare((string Left, string Right) a, (string Left, string Right) b)
    {
        int left = string.CompareOrdinal(a.Left, b.Left);
        return left != 0 ? left : string.CompareOrdinal(a.Right, b.Right);
    }
}
