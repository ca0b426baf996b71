using System.Text;
using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization;
using Hearth.Engine.Tokenization.PreTokenization;

namespace Hearth.Engine.Tests.Tokenization;

/// <summary>Vocabularies and texts of random bytes: a tokenizer is made and works, or the error has a type.</summary>
public sealed class FuzzTests
{
    private const int Rounds = 400;
    private static readonly string[] s_pre = [.. PreTokenizers.Names];

    private static readonly float[] s_scores =
        [0, -0f, 1, -1, -1000, 3e38f, -3e38f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon];

    public static TheoryData<string> Models() => [.. TokenizerSettings.Models];

    [Theory]
    [MemberData(nameof(Models))]
    public void Random_vocabularies_work_or_are_typed_errors(string model)
    {
        Random random = new(model.Length);
        int made = 0;
        for (int round = 0; round < Rounds; round++)
        {
            GgufMetadata metadata = GgufMetadata.FromPairs(Pairs(random, model));
            try
            {
                Check(Tokenizer.Create(metadata), random);
                made++;
            }
            catch (Exception error) when (error is TokenizerException or GgufException)
            {
                Assert.True(error.Message.Length < 4000);
            }
        }

        Assert.InRange(made, Rounds / 20, Rounds);
    }

    [Fact]
    public void Damaged_maps_of_characters_work_or_are_typed_errors()
    {
        byte[] map = CharacterMapBuilder.Build(("ab", "x"), ("é", "e"), ("漢字", ""), ("\n", " "), ("zzz", "1 2 3"));
        Random random = new(8);
        int made = 0;
        for (int round = 0; round < 5 * Rounds; round++)
        {
            byte[] damaged = [.. map];
            for (int i = random.Next(1, 12); i > 0; i--)
            {
                int place = random.Next(4) == 0 ? random.Next(1024) : random.Next(damaged.Length);
                damaged[place] = random.Next(3) switch
                {
                    0 => (byte)random.Next(256),
                    1 => 0,
                    _ => (byte)(damaged[place] ^ (1 << random.Next(8))),
                };
            }

            try
            {
                Check(Tokenizer.Create(TestVocabularies.Metadata("t5", ["<pad>", "</s>", "<unk>", "a", "\u2581"], [3, 3, 2, 1, 1],
                    ("precompiled_charsmap", damaged))), random);
                made++;
            }
            catch (TokenizerException error)
            {
                Assert.Equal(TokenizerErrorKind.CharacterMap, error.Kind);
            }
        }

        Assert.InRange(made, 1, (5 * Rounds) - 1);
    }

    private static void Check(Tokenizer tokenizer, Random random)
    {
        for (int i = 0; i < 6; i++)
        {
            string text = i % 2 == 0 ? RandomText(random, 200) : string.Concat(RandomTexts.Many(random.Next(), 3));
            if (tokenizer.Kind == TokenizerKind.None)
            {
                Assert.Throws<TokenizerException>(() => tokenizer.Encode(text, addSpecial: true, parseSpecial: true));
                return;
            }

            List<int> tokens = tokenizer.Encode(text, addSpecial: true, parseSpecial: true);
            Assert.All(tokens, token => Assert.InRange(token, 0, tokenizer.VocabularySize - 1));
            Assert.NotNull(tokenizer.DecodeText(tokens, includeSpecial: true));
            tokenizer.Encode([new(text, i % 3 == 0), new(RandomText(random, 20), true)], addSpecial: false);
            tokenizer.Encode(text, out long operations);
            Assert.InRange(operations, 0, 64L * (text.Length + 64) * 3);
        }
    }

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
        if (random.Next(8) == 0)
        {
            byte[] map = new byte[random.Next(2000)];
            random.NextBytes(map);
            pairs["tokenizer.ggml.precompiled_charsmap"] = map;
        }

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
