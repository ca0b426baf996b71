using System.Collections.Concurrent;
using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Tests.Tokenization;

/// <summary>Vocabularies for tests: the golden ones, and small ones made here.</summary>
internal static class TestVocabularies
{
    private static readonly ConcurrentDictionary<string, Tokenizer> s_golden = new();

    public static Tokenizer Golden(string name)
    {
        string path = Hearth.Tests.Golden.Path("vocab", $"{name}.gguf");
        return s_golden.GetOrAdd(path, static path =>
        {
            using GgufFile file = GgufFile.Open(path);
            return Tokenizer.Create(file.Metadata);
        });
    }

    public static GgufMetadata Metadata(string model, string[] tokens, int[] types, params (string Key, GgufValue Value)[] more)
    {
        Dictionary<string, GgufValue> pairs = new()
        {
            ["tokenizer.ggml.model"] = model,
            ["tokenizer.ggml.tokens"] = tokens,
            ["tokenizer.ggml.token_type"] = types,
        };
        foreach ((string key, GgufValue value) in more)
        {
            pairs[key.Contains('.', StringComparison.Ordinal) ? key : "tokenizer.ggml." + key] = value;
        }

        return GgufMetadata.FromPairs(pairs);
    }

    /// <summary>A byte-level vocabulary: a token for each byte, then tokens of the merges, then special ones.</summary>
    public static Tokenizer Bpe(string pre, string[] merges, (string Text, int Type)[] specials, params (string Key,
        GgufValue Value)[] more)
    {
        List<string> tokens = [.. ByteAlphabet(), .. merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal))];
        int[] types = [.. Enumerable.Repeat(1, tokens.Count), .. specials.Select(special => special.Type)];
        return Tokenizer.Create(Metadata("gpt2", [.. tokens, .. specials.Select(special => special.Text)], types,
            [("pre", pre), ("merges", merges), .. more]));
    }

    /// <summary>A SentencePiece vocabulary: unknown, begin, end, the bytes, then tokens with scores.</summary>
    public static Tokenizer Spm((string Text, float Score, int Type)[] tokens, params (string Key, GgufValue Value)[] more)
    {
        (string Text, float Score, int Type)[] all =
        [
            ("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), .. Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0f, 6)),
                .. tokens,
        ];
        return Tokenizer.Create(Metadata("llama", Array.ConvertAll(all, token => token.Text), Array.ConvertAll(all, token => token.Type),
            [("scores", Array.ConvertAll(all, token => token.Score)), .. more]));
    }

    /// <summary>GPT-2's characters for the bytes.</summary>
    public static IEnumerable<string> ByteAlphabet()
    {
        int next = 0x100;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            yield return ((char)(printable ? value : next++)).ToString();
        }
    }
}
