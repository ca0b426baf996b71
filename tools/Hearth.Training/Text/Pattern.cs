using Hearth.Training.Numerics;

namespace Hearth.Training.Text;

/// <summary>
/// A wording with alternatives: <c>(a|b c)</c> is one of its parts, <c>[x]</c> is x or nothing, <c>{name}</c> is a list of the lexicon.
/// Alternatives are whole words: brackets may not touch a word.
/// </summary>
internal abstract class Pattern
{
    private const double MostExpansions = 1e12;

    /// <summary>In how many ways the pattern can be worded (capped).</summary>
    public abstract double Expansions { get; }

    /// <summary>Reads a pattern; the lists that it names come from <paramref name="lists"/>.</summary>
    /// <exception cref="FormatException">A bracket is unbalanced or touches a word, or a list is unknown.</exception>
    public static Pattern Parse(string source, IReadOnlyDictionary<string, Pattern> lists)
    {
        List<string> symbols = Split(source);
        int position = 0;
        Pattern pattern = ParseChoice(symbols, ref position, lists, source);
        return position == symbols.Count ? pattern : throw new FormatException($"'{symbols[position]}' has no opening bracket in: {source}");
    }

    /// <summary>Appends one wording's words.</summary>
    public abstract void Sample(DeterministicRandom random, List<string> words);

    /// <summary>
    /// All positions after <paramref name="start"/> up to which the pattern can produce <paramref name="words"/> (normalised).
    /// </summary>
    public abstract IEnumerable<int> Ends(IReadOnlyList<string> words, int start, Lexicon lexicon);

    private static List<string> Split(string source)
    {
        List<string> symbols = [];
        foreach (string part in source.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int start = 0;
            for (int i = 0; i < part.Length; i++)
            {
                if ("()[]|".Contains(part[i], StringComparison.Ordinal))
                {
                    AddWord(symbols, part[start..i]);
                    symbols.Add(part[i].ToString());
                    start = i + 1;
                }
            }

            AddWord(symbols, part[start..]);
            CheckTouching(part, source);
        }

        return symbols;
    }

    private static void AddWord(List<string> symbols, string word)
    {
        if (word.Length > 0)
        {
            symbols.Add(word);
        }
    }

    private static void CheckTouching(string part, string source)
    {
        for (int i = 0; i + 1 < part.Length; i++)
        {
            bool opens = part[i + 1] is '(' or '[' && part[i] is not ('(' or '[' or '|');
            bool closes = part[i] is ')' or ']' && part[i + 1] is not (')' or ']' or '|');
            if (opens || closes)
            {
                throw new FormatException($"A bracket touches a word in '{part}': put a space between them in: {source}");
            }
        }
    }

    private static Pattern ParseChoice(List<string> symbols, ref int position, IReadOnlyDictionary<string, Pattern> lists, string source)
    {
        List<Pattern> alternatives = [ParseSequence(symbols, ref position, lists, source)];
        while (position < symbols.Count && symbols[position] == "|")
        {
            position++;
            alternatives.Add(ParseSequence(symbols, ref position, lists, source));
        }

        return alternatives.Count == 1 ? alternatives[0] : new Choice(alternatives);
    }

    private static Sequence ParseSequence(List<string> symbols, ref int position, IReadOnlyDictionary<string, Pattern> lists, string source)
    {
        List<Pattern> parts = [];
        while (position < symbols.Count && symbols[position] is not ("|" or ")" or "]"))
        {
            string symbol = symbols[position++];
            if (symbol is "(" or "[")
            {
                Pattern inner = ParseChoice(symbols, ref position, lists, source);
                string closing = symbol == "(" ? ")" : "]";
                if (position == symbols.Count || symbols[position++] != closing)
                {
                    throw new FormatException($"A '{closing}' is missing in: {source}");
                }

                parts.Add(symbol == "(" ? inner : new Choice([inner, new Sequence([])]));
            }
            else if (symbol[0] == '{')
            {
                parts.Add(lists.TryGetValue(symbol.Trim('{', '}'), out Pattern? list)
                    ? list
                    : throw new FormatException($"The list {symbol} is not in the lexicon; it is used in: {source}"));
            }
            else
            {
                parts.Add(new Word(symbol));
            }
        }

        return new Sequence(parts);
    }

    private sealed class Word(string text) : Pattern
    {
        public override double Expansions => 1;

        public override void Sample(DeterministicRandom random, List<string> words) => words.Add(text);

        public override IEnumerable<int> Ends(IReadOnlyList<string> words, int start, Lexicon lexicon)
        {
            IReadOnlyList<string> expected = lexicon.Normalize(text);
            if (start + expected.Count > words.Count)
            {
                yield break;
            }

            for (int i = 0; i < expected.Count; i++)
            {
                if (words[start + i] != expected[i])
                {
                    yield break;
                }
            }

            yield return start + expected.Count;
        }
    }

    private sealed class Choice(IReadOnlyList<Pattern> alternatives) : Pattern
    {
        public override double Expansions { get; } = Math.Min(MostExpansions, alternatives.Sum(alternative => alternative.Expansions));

        public override void Sample(DeterministicRandom random, List<string> words) => random.Pick(alternatives).Sample(random, words);

        public override IEnumerable<int> Ends(IReadOnlyList<string> words, int start, Lexicon lexicon) =>
            alternatives.SelectMany(alternative => alternative.Ends(words, start, lexicon)).Distinct();
    }

    private sealed class Sequence(IReadOnlyList<Pattern> parts) : Pattern
    {
        public override double Expansions { get; } = parts.Aggregate(1.0, (product, part) => Math.Min(MostExpansions, product * part.Expansions));

        public override void Sample(DeterministicRandom random, List<string> words)
        {
            foreach (Pattern part in parts)
            {
                part.Sample(random, words);
            }
        }

        public override IEnumerable<int> Ends(IReadOnlyList<string> words, int start, Lexicon lexicon)
        {
            List<int> ends = [start];
            foreach (Pattern part in parts)
            {
                ends = [.. ends.SelectMany(end => part.Ends(words, end, lexicon)).Distinct()];
            }

            return ends;
        }
    }
}
