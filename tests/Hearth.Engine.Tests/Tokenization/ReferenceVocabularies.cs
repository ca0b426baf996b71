using System.Collections.Concurrent;
using System.Text;
using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization.PreTokenization;

namespace Hearth.Engine.Tests.Tokenization;

/// <summary>
/// Small vocabularies made of the <see cref="ReferenceTexts"/>, so that where a text is cut, and how, shows in the ids. All numbers in
/// them are exact, so that they are the same on every machine.
/// </summary>
internal static class ReferenceVocabularies
{
    /// <summary>Stands between texts where many are encoded at once.</summary>
    public const string Separator = "<|sep|>";

    private const int Merges = 700;
    private const int Pieces = 900;
    private static readonly ConcurrentDictionary<string, Lazy<List<(string Name, GgufMetadata Metadata)>>> s_sets = new();
    private static readonly string[] s_rawNames = ["gemma4", "granite-embed-multi-311m", "sarvam-moe"];
    private static readonly string[] s_special = [Separator, "<u>", "<|ctl|>"];
    private static readonly int[] s_specialTypes = [4, 4, 3];

    /// <summary>The sets; those of one set are alike, and share a file of ids.</summary>
    public static string[] Sets { get; } = ["bpe", "raw", "unigram", "rwkv", "plamo2", "words"];

    /// <summary>The vocabularies of a set, by name.</summary>
    public static List<(string Name, GgufMetadata Metadata)> Of(string set) => s_sets.GetOrAdd(set, name => new(() => Make(name))).Value;

    private static List<(string Name, GgufMetadata Metadata)> Make(string set) => set switch
    {
        "bpe" => Bpe(),
        "raw" => Raw(),
        "unigram" => Unigram(),
        "rwkv" => [("rwkv", Rwkv())],
        "plamo2" => [("plamo2", Plamo2())],
        _ => Words(),
    };

    private static List<(string Name, GgufMetadata Metadata)> Bpe()
    {
        (string[] tokens, string[] merges) = ByteLevel();
        return
        [
            .. PreTokenizers.Names.Except([.. s_rawNames, "whitespace"]).Select(name => (name, TestVocabularies.Metadata("gpt2",
                [.. tokens, .. s_special], [.. Enumerable.Repeat(1, tokens.Length), .. s_specialTypes], ("pre", name), ("merges", merges)))),
        ];
    }

    private static List<(string Name, GgufMetadata Metadata)> Raw()
    {
        string[] escaped = [.. ReferenceTexts.All.Select(text => text.Replace(' ', '\u2581'))];
        (List<string> symbols, string[] merges) = Train(escaped.Select(text => text.EnumerateRunes().Select(rune => rune.ToString())));
        string[] bytes = [.. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];

        // Some characters have no token, so that their bytes are used.
        string[] tokens = [.. bytes, .. symbols.Where((text, index) => IsFree(text) && (text.Length > 2 || index % 5 != 0))];
        GgufMetadata With(string model, string pre) => TestVocabularies.Metadata(model, [.. tokens, .. s_special],
            [.. Enumerable.Repeat(6, bytes.Length), .. Enumerable.Repeat(1, tokens.Length - bytes.Length), .. s_specialTypes],
            ("pre", pre), ("merges", merges), ("bos_token_id", 300u));
        return [.. s_rawNames.Select(name => (name, With("gpt2", name))), ("model-gemma4", With("gemma4", "gemma4"))];
    }

    private static List<(string Name, GgufMetadata Metadata)> Unigram()
    {
        string[] pieces = [.. Substrings(ReferenceTexts.All.Select(text => text.Replace(' ', '\u2581')))];
        string[] tokens = ["<pad>", "</s>", "<unk>", .. pieces, .. s_special, "not used", "x y"];
        int[] types = [3, 3, 2, .. Enumerable.Repeat(1, pieces.Length), .. s_specialTypes, 5, 4];
        float[] scores = [0, 0, 0, .. pieces.Select(Score), 0, -3, 0, -1, -50];
        byte[] map = CharacterMapBuilder.Build(CharacterRules());
        List<(string Name, GgufMetadata Metadata)> result = [];
        for (int i = 0; i < 8; i++)
        {
            bool mapped = (i & 1) != 0, prefix = (i & 2) != 0, merged = (i & 4) != 0;
            GgufMetadata metadata = TestVocabularies.Metadata("t5", tokens, types, ("scores", scores), ("add_space_prefix", prefix),
                ("remove_extra_whitespaces", merged), ("precompiled_charsmap", mapped ? map : CharacterMapBuilder.Build(("\u00A0", " "))));
            result.Add(($"{(mapped ? "map" : "nomap")}-{(prefix ? "prefix" : "noprefix")}-{(merged ? "merge" : "keep")}", metadata));
        }

        return result;
    }

    private static GgufMetadata Rwkv()
    {
        List<string> tokens = ["<s>", .. Enumerable.Range(0, 256).Select(value => Escape([(byte)value]))];
        HashSet<string> known = [.. tokens];
        Dictionary<string, int> counts = [];
        foreach (string text in ReferenceTexts.All)
        {
            // Of bytes, so characters are cut too.
            string bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
            Count(counts, bytes, [2, 3, 4, 6, 9]);
        }

        tokens.AddRange(Most(counts).Select(text => Escape(Encoding.Latin1.GetBytes(text))).Where(text => IsFree(text) && known.Add(text)));
        return TestVocabularies.Metadata("rwkv", [.. tokens, .. s_special],
            [3, .. Enumerable.Repeat(1, tokens.Count - 1), .. s_specialTypes]);
    }

    private static GgufMetadata Plamo2()
    {
        string[] bytes = [.. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];
        string[] pieces = [.. Substrings(ReferenceTexts.All).Where((text, index) => text.Length > 2 || index % 7 != 0)];
        string[] tokens = ["<|plamo:unk|>", "<|plamo:bos|>", "<|plamo:eos|>", "<|plamo:pad|>", .. bytes, .. pieces, .. s_special];
        float[] scores = [.. new float[4 + bytes.Length], .. pieces.Select(Score), 0, 0, 0];
        scores[4 + bytes.Length + 17] = float.NaN;
        scores[4 + bytes.Length + 23] = -3000;
        return TestVocabularies.Metadata("plamo2", tokens,
            [2, 3, 3, 3, .. Enumerable.Repeat(6, bytes.Length), .. Enumerable.Repeat(1, pieces.Length), .. s_specialTypes],
            ("scores", scores));
    }

    private static List<(string Name, GgufMetadata Metadata)> Words()
    {
        (string[] tokens, string[] merges) = ByteLevel();
        string[] dna = ["<dna>", "</dna>", "<oov>", .. Enumerable.Range(0, 4096).Where(code => code % 3 != 1).Select(Sequence)];
        string[] text = [.. tokens.Except(dna)];
        GgufMetadata hybrid = TestVocabularies.Metadata("hybriddna", [.. text, .. s_special, .. dna],
            [.. Enumerable.Repeat(1, text.Length), .. s_specialTypes, .. Enumerable.Repeat(1, dna.Length)],
            ("pre", "qwen2"), ("merges", merges));
        KeyValuePair<string, GgufValue> model = new("tokenizer.ggml.model", "whitespace"), pre = new("tokenizer.ggml.pre", "whitespace");
        KeyValuePair<string, GgufValue> lowercase = new("tokenizer.ggml.normalizer.lowercase", true);
        return
        [
            ("hybriddna", hybrid), ("words-gpt-2", With("bpe", "gpt-2", model)), ("whitespace", With("raw", "sarvam-moe", model, pre)),
            ("whitespace-lowercase", With("raw", "sarvam-moe", model, pre, lowercase)),
        ];
    }

    private static GgufMetadata With(string set, string name, params KeyValuePair<string, GgufValue>[] changes) =>
        GgufMetadata.FromPairs(Of(set).First(item => item.Name == name).Metadata.Concat(changes).GroupBy(pair => pair.Key)
            .Select(pairs => pairs.Last()));

    private static string Sequence(int code)
    {
        StringBuilder text = new();
        for (int i = 0; i < 6; i++, code /= 4)
        {
            text.Append("ACGT"[code % 4]);
        }

        return text.Append('\uE000').ToString();
    }

    private static (string[] Tokens, string[] Merges) ByteLevel()
    {
        string[] alphabet = [.. TestVocabularies.ByteAlphabet()];
        IEnumerable<string> Bytes(string text) => Encoding.UTF8.GetBytes(text).Select(value => alphabet[value]);
        (List<string> symbols, string[] merges) = Train(ReferenceTexts.All.Select(Bytes));
        string[] whole = ["hello", "\u0120World", "HTTPServer", "\u0120quick", "don", "1234", "\u010A\u010A\u010A", "\u0120\u0120x"];
        return ([.. alphabet, .. symbols.Except(alphabet).Where(IsFree), .. whole.Except(symbols)], merges);
    }

    // Merges the most frequent neighbours, across all that a pre-tokenizer might cut.
    private static (List<string> Symbols, string[] Merges) Train(IEnumerable<IEnumerable<string>> texts)
    {
        List<List<string>> words = [.. texts.Select(text => text.ToList())];
        List<string> symbols = [.. words.SelectMany(word => word).Distinct().Order(StringComparer.Ordinal)];
        HashSet<string> known = [.. symbols];
        List<string> merges = [];
        while (merges.Count < Merges)
        {
            Dictionary<(string Left, string Right), int> counts = [];
            foreach (List<string> word in words)
            {
                for (int i = 1; i < word.Count; i++)
                {
                    if (word[i - 1].Length + word[i].Length <= 10 && MayMerge(word[i - 1]) && MayMerge(word[i]))
                    {
                        counts[(word[i - 1], word[i])] = counts.GetValueOrDefault((word[i - 1], word[i])) + 1;
                    }
                }
            }

            (string left, string right) = counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Left, StringComparer.Ordinal)
                .ThenBy(pair => pair.Key.Right, StringComparer.Ordinal).First().Key;
            merges.Add($"{left} {right}");
            if (known.Add(left + right))
            {
                symbols.Add(left + right);
            }

            foreach (List<string> word in words)
            {
                for (int i = 1; i < word.Count; i++)
                {
                    if (word[i - 1] == left && word[i] == right)
                    {
                        word[i - 1] = left + right;
                        word.RemoveAt(i);
                    }
                }
            }
        }

        return (symbols, [.. merges]);
    }

    // A space in a merge stands between its sides, and the reference reads it up to a zero.
    private static bool MayMerge(string symbol) => !symbol.Contains(' ') && !symbol.Contains('\0');

    // Frequent parts of the texts, in whole characters; most single characters are among them.
    private static IEnumerable<string> Substrings(IEnumerable<string> texts)
    {
        Dictionary<string, int> counts = [];
        foreach (string text in texts)
        {
            Count(counts, text, [1, 2, 3, 4, 6]);
        }

        return Most(counts).Where(text => IsFree(text) && !char.IsLowSurrogate(text[0]) && !char.IsHighSurrogate(text[^1]));
    }

    // The reference reads a token's text up to a zero.
    private static bool IsFree(string text) => !text.Contains('\0') && !s_special.Contains(text);

    private static void Count(Dictionary<string, int> counts, string text, int[] lengths)
    {
        foreach (int length in lengths)
        {
            for (int i = 0; i + length <= text.Length; i++)
            {
                string part = text.Substring(i, length);
                counts[part] = counts.GetValueOrDefault(part) + 1;
            }
        }
    }

    private static IEnumerable<string> Most(Dictionary<string, int> counts) =>
        counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(Pieces).Select(pair => pair.Key);

    // Multiples of 1/64, so that sums are exact and some are equal.
    private static float Score(string text, int index) => -((index * 37 % 512) + 64) / 64f - (text.Length > 3 ? 2 : 0);

    private static string Escape(byte[] bytes)
    {
        StringBuilder text = new();
        foreach (byte value in bytes)
        {
            text.Append(value switch
            {
                (byte)'\t' => @"\t",
                (byte)'\n' => @"\n",
                (byte)'\r' => @"\r",
                (byte)'\\' => @"\\",
                (byte)'\'' => @"\'",
                >= 0x20 and < 0x7F => ((char)value).ToString(),
                _ => $@"\x{value:x2}",
            });
        }

        return text.ToString();
    }

    private static (string From, string To)[] CharacterRules()
    {
        List<(string From, string To)> rules =
        [
            ("\t", " "), ("\n", " "), ("\r", ""), ("\r\n", " "), ("\u0001", ""), ("\u007F", ""), ("\u00A0", " "), ("\u3000", " "),
            ("\u200B", " "), ("\u00AD", ""), ("\u2028", " "), ("½", "1\u20442"), ("Ⅷ", "VIII"), ("ﬁ", "fi"), ("㎏", "kg"),
            ("e\u0301", "é"), ("n\u0303", "ñ"), ("\u0301x", "X"), ("ﷺ", "صلى الله عليه وسلم"), ("…", "..."), ("\uFEFF", ""),
            ("カ", "か"), ("カナ", "kana"), ("👍🏽", ":+1:"), ("\U0001D7D8", "0"),
        ];
        for (char wide = '！'; wide <= '～'; wide++)
        {
            rules.Add((wide.ToString(), ((char)(wide - '！' + '!')).ToString()));
        }

        return [.. rules];
    }
}
