using System.Text;
using Hearth.Training.Numerics;

namespace Hearth.Training.Text;

/// <summary>
/// Makes one of a wording's many shapes: politeness, synonyms, fillers, contractions, missing words, typing errors, case, punctuation.
/// </summary>
internal sealed class Augmenter(Lexicon lexicon)
{
    private const double Politeness = 0.14;
    private const double SynonymPerWord = 0.2;
    private const double DroppedWord = 0.12;
    private const double Filler = 0.12;
    private const double CommonWord = 0.08;
    private const double Bag = 0.42;
    private const double Blend = 0.3;
    private const double SwappedWords = 0.03;
    private const double TypingError = 0.14;
    private const double Capitals = 0.02;
    private const double LowerCase = 0.35;
    private const double QuestionMark = 0.55;

    private static readonly string[] s_keyRows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

    /// <summary>One question of an intent, from one or two of its wordings.</summary>
    public string Question(Func<Pattern> pick, DeterministicRandom random)
    {
        List<string> words = Sample(pick(), random);
        if (random.Chance(Bag))
        {
            words = Weave(words, random.Chance(0.4) ? Sample(pick(), random) : [], random);
        }

        BlendCommonWords(words, random);
        for (int i = 0; i < words.Count; i++)
        {
            if (lexicon.Synonyms.TryGetValue(words[i], out string[]? same) && random.Chance(SynonymPerWord))
            {
                words[i] = random.Pick(same);
            }
        }

        Insert(words, lexicon.Fillers, Filler, random);
        Insert(words, lexicon.Common, CommonWord, random);
        Disturb(words, random);
        string text = Contract(string.Join(' ', words), random);
        if (lexicon.Before.Count > 0 && random.Chance(Politeness))
        {
            text = $"{random.Pick(lexicon.Before)}{(random.Chance(0.5) ? "," : "")} {text}";
        }

        if (lexicon.After.Count > 0 && random.Chance(Politeness / 2))
        {
            text = $"{text}{(random.Chance(0.4) ? "," : "")} {random.Pick(lexicon.After)}";
        }

        return Punctuate(Respell(text, random), random);
    }

    private static List<string> Sample(Pattern wording, DeterministicRandom random)
    {
        List<string> words = [];
        wording.Sample(random, words);
        return words;
    }

    private static void Insert(List<string> words, IReadOnlyList<string> others, double chance, DeterministicRandom random)
    {
        if (others.Count > 0 && words.Count > 2 && random.Chance(chance))
        {
            words.Insert(1 + random.Next(words.Count - 1), random.Pick(others));
        }
    }

    /// <summary>
    /// Turns everyday words into words that nobody knows: most questions about something else have words that training never had.
    /// </summary>
    private void BlendCommonWords(List<string> words, DeterministicRandom random)
    {
        for (int i = 0; i < words.Count; i++)
        {
            if (lexicon.IsCommon(words[i]) && random.Chance(Blend))
            {
                string other = random.Pick(lexicon.Common);
                words[i] = words[i][..((words[i].Length + 1) / 2)] + other[(other.Length / 2)..];
            }
        }
    }

    /// <summary>
    /// The words that carry the topic, in a new sentence without much sense: what is asked must be seen from these words alone.
    /// </summary>
    private List<string> Weave(List<string> words, List<string> more, DeterministicRandom random)
    {
        List<string> topic = [.. words.Concat(more).Where(word => !lexicon.StopWords.Contains(word))];
        if (topic.Count == 0 || lexicon.StopWords.Count == 0)
        {
            return words;
        }

        string[] stopWords = [.. lexicon.StopWords.Order(StringComparer.Ordinal)];
        List<string> woven = lexicon.Frames.Count > 0 && random.Chance(0.75) ? [.. random.Pick(lexicon.Frames).Split(' ')] : [];
        if (random.Chance(0.3))
        {
            topic = [.. topic.OrderBy(_ => random.NextBits())];
        }

        for (int i = 0; i < topic.Count; i++)
        {
            if (topic.Count > 2 && random.Chance(0.15))
            {
                continue;
            }

            if (random.Chance(0.4))
            {
                woven.Add(random.Pick(stopWords));
            }

            woven.Add(topic[i]);
        }

        if (lexicon.Tails.Count > 0 && random.Chance(0.25))
        {
            woven.AddRange(random.Pick(lexicon.Tails).Split(' '));
        }

        return woven;
    }

    private static void Disturb(List<string> words, DeterministicRandom random)
    {
        if (words.Count > 3 && random.Chance(DroppedWord))
        {
            words.RemoveAt(random.Next(words.Count));
        }

        if (words.Count > 3 && random.Chance(SwappedWords))
        {
            int i = random.Next(words.Count - 1);
            (words[i], words[i + 1]) = (words[i + 1], words[i]);
        }

        if (random.Chance(TypingError) && words.Count > 0)
        {
            int i = random.Next(words.Count);
            words[i] = Mistype(words[i], random);
        }
    }

    private static string Mistype(string word, DeterministicRandom random)
    {
        if (word.Length < 4 || !word.All(char.IsAsciiLetter))
        {
            return word;
        }

        var text = new StringBuilder(word);
        int i = 1 + random.Next(word.Length - 2);
        switch (random.Next(4))
        {
            case 0:
                (text[i], text[i + 1]) = (text[i + 1], text[i]);
                break;
            case 1:
                text.Remove(i, 1);
                break;
            case 2:
                text.Insert(i, text[i]);
                break;
            default:
                string row = s_keyRows.First(keys => keys.Contains(char.ToLowerInvariant(word[i]), StringComparison.Ordinal));
                int key = row.IndexOf(char.ToLowerInvariant(word[i]), StringComparison.Ordinal);
                text[i] = row[key + 1 < row.Length ? key + 1 : key - 1];
                break;
        }

        return text.ToString();
    }

    private string Contract(string text, DeterministicRandom random)
    {
        foreach ((string full, string contraction) in lexicon.Contractions)
        {
            if (text.Contains(full, StringComparison.Ordinal) && random.Chance(0.5))
            {
                string form = random.Chance(0.25) ? contraction.Replace("'", "", StringComparison.Ordinal) : contraction;
                text = $" {text} ".Replace($" {full} ", $" {form} ", StringComparison.Ordinal).Trim();
            }
        }

        return text;
    }

    private string Respell(string text, DeterministicRandom random)
    {
        if (random.Chance(Capitals))
        {
            return text.ToUpperInvariant();
        }

        if (random.Chance(LowerCase) || text.Length == 0)
        {
            return text;
        }

        IEnumerable<string> words = text.Split(' ').Select(word => lexicon.ProperCase.GetValueOrDefault(word, word));
        string joined = string.Join(' ', words);
        return char.ToUpperInvariant(joined[0]) + joined[1..];
    }

    private static string Punctuate(string text, DeterministicRandom random)
    {
        if (text.Length == 0 || !char.IsLetterOrDigit(text[^1]))
        {
            return text;
        }

        return random.NextDouble() switch
        {
            < QuestionMark => text + "?",
            < QuestionMark + 0.08 => text + ".",
            < QuestionMark + 0.10 => text + "!",
            < QuestionMark + 0.11 => text + "??",
            _ => text,
        };
    }
}
