using System.Text;
using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization;
using Hearth.Engine.Tokenization.PreTokenization;
using Hearth.Tests.Fuzzing;

namespace Hearth.Engine.Tests.Tokenization;

/// <summary>Vocabularies in changed headers: a tokenizer is made and works, or the error has a type.</summary>
public sealed class TokenizerFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private const int VocabulariesOfAModel = 5;
    private static readonly string[] s_pre = [.. PreTokenizers.Names];

    private static readonly float[] s_scores =
        [0, -0f, 1, -1, -1000, 3e38f, -3e38f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon];

    private static readonly string[] s_texts =
    [
        "Hello, world! 123  \n\n\ttabs", "<0x41><s></s> [INST] <|x|>", "grüße 漢字 👩‍👩‍👧 e\u0301 \u00a0\u2581\u2028", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\0\x01\x7f\ufffd\uE000", string.Empty,
    ];

    private protected override FuzzTarget Target { get; } = new("tokenizer", Read)
    {
        Seeds = [.. TokenizerSettings.Models.SelectMany(Headers), Header(Mapped())],
        Words =
        [
            .. TokenizerSettings.Models, .. s_pre, "tokenizer.ggml.model", "tokenizer.ggml.pre", "tokenizer.ggml.tokens", "tokenizer.ggml.merges", "tokenizer.ggml.scores", "tokenizer.ggml.token_type", "tokenizer.ggml.precompiled_charsmap", "tokenizer.ggml.bos_token_id",
            "tokenizer.ggml.add_space_prefix", "tokenizer.ggml.unknown_token_id", "<unk>", "<0x00>", "▁", "Ġ", "##", "a b", "\u00ff\u00ff\u00ff\u007f",
        ],
        IsRefusal = FuzzTarget.Refusals(typeof(TokenizerException), typeof(GgufException)),
        Rounds = 800,
        AllocationBase = 8 * 1024 * 1024,
        AllocationPerByte = 1024,
    };

    private static string Read(byte[] bytes)
    {
        Tokenizer tokenizer = Tokenizer.Create(GgufHeader.Parse(bytes, bytes.Length).Metadata);
        Random random = new(bytes.Length);
        foreach (string text in s_texts.Append(RandomText(random, 200)))
        {
            if (tokenizer.Kind == TokenizerKind.None)
            {
                Assert.Throws<TokenizerException>(() => tokenizer.Encode(text, addSpecial: true, parseSpecial: true));
                break;
            }

            List<int> tokens = tokenizer.Encode(text, addSpecial: true, parseSpecial: true);
            Assert.All(tokens, token => Assert.InRange(token, 0, tokenizer.VocabularySize - 1));
            Assert.NotNull(tokenizer.DecodeText(tokens, includeSpecial: true));
            tokenizer.Encode([new(text, true), new(RandomText(random, 20), false)], addSpecial: false);
            tokenizer.Encode(text, out long operations);
            Assert.InRange(operations, 0, 64L * (text.Length + 64) * 3);
        }

        return $"{tokenizer.Kind} {Math.Log2(tokenizer.VocabularySize):F0}";
    }

    private static IEnumerable<byte[]> Headers(string model)
    {
        Random random = new(model.Length);
        return Enumerable.Range(0, VocabulariesOfAModel).Select(_ => Header(GgufMetadata.FromPairs(Pairs(random, model))));
    }

    private static byte[] Header(GgufMetadata metadata)
    {
        using MemoryStream stream = new();
        new GgufWriter(metadata).WriteTo(stream);
        return stream.ToArray();
    }

    private static GgufMetadata Mapped() => TestVocabularies.Metadata("t5", ["<pad>", "</s>", "<unk>", "a", "\u2581"], [3, 3, 2, 1, 1],
        ("general.architecture", "t5"), ("precompiled_charsmap", CharacterMapBuilder.Build(("ab", "x"), ("é", "e"), ("漢字", ""), ("\n", " "), ("zzz", "1 2 3"))));

    private static Dictionary<string, GgufValue> Pairs(Random random, string model)
    {
        string[] bytes = random.Next(4) == 0 ? [] : [.. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];
        string[] tokens = [.. bytes, .. Enumerable.Range(0, random.Next(1, 60)).Select(_ => RandomText(random, 8)).Distinct()];
        Dictionary<string, GgufValue> pairs = new()
        {
            ["tokenizer.ggml.model"] = model,
            ["tokenizer.ggml.tokens"] = tokens,
            ["tokenizer.ggml.pre"] = s_pre[random.Next(s_pre.Length)],
            ["general.architecture"] = "llama",
        };
        void Maybe(string key, Func<GgufValue> value)
        {
            if (random.Next(3) > 0)
            {
                pairs["tokenizer.ggml." + key] = value();
            }
        }

        pairs["tokenizer.ggml.merges"] = (string[])[.. Enumerable.Range(0, random.Next(40)).Select(_ => Merge(random, tokens))];
        Maybe("token_type", () => (int[])[.. tokens.Select((_, i) => i < bytes.Length ? 6 : random.Next(8))]);
        Maybe("scores", () => (float[])[.. tokens.Select(_ => s_scores[random.Next(s_scores.Length)])]);
        Maybe("add_space_prefix", () => random.Next(2) == 0);
        Maybe("remove_extra_whitespaces", () => random.Next(2) == 0);
        Maybe("add_bos_token", () => true);
        Maybe("bos_token_id", () => random.Next(-2, 300));
        Maybe("unknown_token_id", () => random.Next(-2, 300));
        return pairs;
    }

    private static string Merge(Random random, string[] tokens) => random.Next(3) == 0 ? RandomText(random, 9)
        : $"{tokens[random.Next(tokens.Length)]} {tokens[random.Next(tokens.Length)]}";

    // Bytes of all kinds; what is not UTF-8 is escaped as in files.
    private static string RandomText(Random random, int most)
    {
        byte[] bytes = new byte[random.Next(most + 1)];
        random.NextBytes(bytes);
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = random.Next(3) == 0 ? bytes[i] : (byte)"ab <|>\\x\n\0"[random.Next(10)];
        }

        return random.Next(5) == 0 ? Encoding.Latin1.GetString(bytes) : GgufText.Decode(bytes);
    }
}
