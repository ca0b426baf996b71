using System.Text.Json.Nodes;
using Hearth.Engine.Conversion;
using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Tests.Conversion;

/// <summary>Converted tokenizers: ids that follow from the definitions by hand.</summary>
public sealed class VocabularyConversionTests
{
    private const int FirstMerge = 256;
    private const int FirstPiece = 259;

    [Fact]
    public void AddedTokens_AreRead_ThoseThatAreSpecialOnlyWhereAskedFor()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "qwen2");

        Tokenizer tokenizer = Load(folder);

        Assert.Equal([268], tokenizer.Encode("<think>", addSpecial: false, parseSpecial: false));
        Assert.Equal([267], tokenizer.Encode("<|end|>", addSpecial: false, parseSpecial: true));
        Assert.DoesNotContain(267, tokenizer.Encode("<|end|>", addSpecial: false, parseSpecial: false));
    }

    [Fact]
    public void ByteLevelTokenizer_EncodesByItsMerges()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "qwen2");

        Tokenizer tokenizer = Load(folder);

        // hello, Ġwor, ld: the 4th, 7th and 8th merge; Qwen 2 cuts digits apart, so that 1 2 does not merge.
        Assert.Equal([FirstMerge + 3, FirstMerge + 6, FirstMerge + 7],
            tokenizer.Encode("hello world", addSpecial: false, parseSpecial: false));
        Assert.Equal(['1', '2', '3'], tokenizer.Encode("123", addSpecial: false, parseSpecial: false));
        Assert.Equal("héllo  wörld\n", tokenizer.DecodeText(tokenizer.Encode("héllo  wörld\n", false, false), includeSpecial: false));
        Assert.Equal(267, tokenizer.Special.Eos);
        Assert.Equal(266, tokenizer.Special.Bos);
        Assert.False(tokenizer.Special.AddBos);
        Assert.True(tokenizer.IsControl(266));
        Assert.False(tokenizer.IsControl(268));
    }

    [Fact]
    public void Llama3Split_KeepsThreeDigitsTogether()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "llama3");

        Assert.Equal([FirstMerge + 9, '4'], Load(folder).Encode("1234", addSpecial: false, parseSpecial: false));
    }

    [Fact]
    public void MergesAsPairs_AreTheSameAsMergesAsTexts()
    {
        using TestFolder texts = new(), pairs = new();
        TestModels.Write(texts, "qwen2");
        TestModels.Write(pairs, "qwen2");
        TestTokenizers.ByteLevel(pairs, TestTokenizers.Qwen2Split(), pairs: true);
        texts.Save();
        pairs.Save();

        Assert.Equal(File.ReadAllBytes(texts.Output), File.ReadAllBytes(pairs.Output));
    }

    public static TheoryData<string, bool, bool?, string> Definitions => new()
    {
        { TestTokenizers.Llama3Split().ToJsonString(), true, true, "llama-bpe" },
        { TestTokenizers.Llama3Split().ToJsonString(), false, null, "dbrx" },
        { TestTokenizers.Qwen2Split().ToJsonString(), false, false, "qwen2" },
        { TestTokenizers.ByteLevelStep(useRegex: true).ToJsonString(), false, null, "gpt-2" },
        {
            TestTokenizers.Sequence(
                new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, TestTokenizers.ByteLevelStep(true)).ToJsonString(),
            false, false, "smollm"
        },
        {
            TestTokenizers.Sequence(
                new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, TestTokenizers.ByteLevelStep(true)).ToJsonString(),
            false, true, "starcoder"
        },
        {
            // As converters from tiktoken write it.
            TestTokenizers.Sequence(
                TestTokenizers.SplitStep(
                    @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
                        "Removed", invert: true),
                TestTokenizers.ByteLevelStep(false)).ToJsonString(),
            false, null, "dbrx"
        },
        {
            TestTokenizers.Sequence(
                TestTokenizers.SplitStep(
                    @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
                    + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}"
                    + @"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"),
                TestTokenizers.ByteLevelStep(false)).ToJsonString(),
            false, false, "tekken"
        },
    };

    [Theory]
    [MemberData(nameof(Definitions))]
    public void PreTokenizer_IsFoundFromItsDefinition(string definition, bool ignoreMerges, bool? cleansUp, string expected)
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "qwen2");
        TestTokenizers.ByteLevel(folder, JsonNode.Parse(definition)!, ignoreMerges);
        folder.Change("tokenizer_config.json", json => json["clean_up_tokenization_spaces"] = cleansUp);

        using GgufFile file = folder.Convert();

        Assert.Equal(expected, file.Metadata.GetString("tokenizer.ggml.pre"));
    }

    [Fact]
    public void UnknownPreTokenizer_IsAnError_UnlessItsNameIsGiven()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "qwen2");
        TestTokenizers.ByteLevel(folder, TestTokenizers.Sequence(TestTokenizers.SplitStep(@"\w+"), TestTokenizers.ByteLevelStep(false)));

        ConversionException error = folder.Error();
        Assert.Equal(ConversionErrorKind.UnsupportedTokenizer, error.Kind);
        Assert.Contains(@"\\w\u002B", error.Message, StringComparison.Ordinal);
        Assert.Equal(ConversionErrorKind.UnknownPreTokenizer, folder.Error(new ConversionOptions { PreTokenizer = "qwen99" }).Kind);

        using GgufFile file = folder.Convert(new ConversionOptions { PreTokenizer = "gpt-2" });
        Assert.Equal("gpt-2", file.Metadata.GetString("tokenizer.ggml.pre"));
    }

    [Fact]
    public void SentencePieceTokenizer_EncodesByItsScores()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "llama");

        Tokenizer tokenizer = Load(folder);

        // ▁hello and ▁world are pieces 5 and 9; é is the last; what is no piece becomes bytes.
        Assert.Equal([1, FirstPiece + 5, FirstPiece + 9], tokenizer.Encode("hello world", addSpecial: true, parseSpecial: false));
        Assert.Equal([FirstPiece + 10, FirstPiece + 18, 3 + 0xC3, 3 + 0xB6],
            tokenizer.Encode("éö", addSpecial: false, parseSpecial: false));
        Assert.Equal(0, tokenizer.Special.Unknown);
        Assert.Equal(2, tokenizer.Special.Eos);
        Assert.True(tokenizer.Special.AddBos);
        Assert.False(tokenizer.Special.AddEos);
    }

    [Fact]
    public void SpacePrefix_IsThatOfTheModel()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "llama");
        TestTokenizers.SentencePiece(folder, dummyPrefix: false);

        Assert.Equal([FirstPiece + 11], Load(folder).Encode("h", addSpecial: false, parseSpecial: false));
    }

    [Fact]
    public void TokenizerJsonAlone_EncodesAsTheSentencePieceModelDoes()
    {
        using TestFolder model = new(), json = new();
        TestModels.Write(model, "llama");
        TestModels.Write(json, "llama");
        File.Delete(json.Combine("tokenizer.model"));
        TestTokenizers.ByteFallback(json);
        Tokenizer expected = Load(model), actual = Load(json);
        Random random = new(5);
        for (int i = 0; i < 500; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 24)).Select(_ => "helowrd  éx"[random.Next(11)]));
            Assert.Equal(expected.Encode(text, addSpecial: true, parseSpecial: false),
                actual.Encode(text, addSpecial: true, parseSpecial: false));
        }
    }

    [Fact]
    public void TokenizerJson_WithMergesOfItsOwn_IsRefused()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "llama");
        File.Delete(folder.Combine("tokenizer.model"));
        TestTokenizers.ByteFallback(folder);
        folder.Change("tokenizer.json", json => json["model"]!["merges"]!.AsArray().RemoveAt(1));

        ConversionException error = folder.Error();

        Assert.Equal(ConversionErrorKind.UnsupportedTokenizer, error.Kind);
        Assert.Contains("tokenizer.model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnigramModel_IsRefused()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "llama");
        TestTokenizers.SentencePiece(folder, modelType: 1);

        Assert.Contains("unigram", folder.Error().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RowsWithoutTokens_AreUnused_AndAddedTokensTyped()
    {
        using TestFolder folder = new();
        int tokens = TestTokenizers.SentencePiece(folder);
        folder.Change("tokenizer_config.json", json => json["added_tokens_decoder"] = new JsonObject
        {
            ["0"] = Added("<unk>", true),
            ["277"] = Added("a\u2581b", false),
            ["278"] = Added("<|odd|>", false),
            ["279"] = Added("<special>", true),
            ["999"] = Added("far", true),
        });
        WriteRows(folder, tokens + 4);

        IReadOnlyList<string> notes = folder.Save();
        using GgufFile file = GgufFile.Open(folder.Output);

        Assert.Equal(["a b", "<|odd|>", "<special>", "[PAD280]", "[PAD281]"], file.Metadata.GetStrings("tokenizer.ggml.tokens")!.Skip(277));
        Assert.Equal([4, 3, 3, 5, 5], file.Metadata.GetIntegers("tokenizer.ggml.token_type")!.Skip(277));
        Assert.Equal([3, 3, 3, 6], file.Metadata.GetIntegers("tokenizer.ggml.token_type")!.Take(4));
        Assert.Equal([-1000f, -1000f, -1000f, -10_000f, -10_000f], file.Metadata.GetFloats("tokenizer.ggml.scores")!.Skip(277));
        Assert.Contains(notes, note => note.Contains("'far' (999)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, false, false)]
    [InlineData(false, null, false)]
    [InlineData(false, true, true)]
    public void BeginOfSequence_IsAddedAsTheTokenizerDoes(bool inTemplate, bool? configured, bool expected)
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "llama3");
        folder.Change("tokenizer_config.json", json => json["add_bos_token"] = configured);
        folder.Change("tokenizer.json", json => json["post_processor"] = inTemplate ? new JsonObject
        {
            ["type"] = "Sequence",
            ["processors"] = new JsonArray(
                new JsonObject { ["type"] = "ByteLevel" },
                new JsonObject
                {
                    ["type"] = "TemplateProcessing",
                    ["single"] = new JsonArray(
                        new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = "<|begin|>" } },
                        new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A" } }),
                }),
        } : null);

        using GgufFile file = folder.Convert();

        Assert.Equal(expected, file.Metadata.GetBoolean("tokenizer.ggml.add_bos_token"));
    }

    [Fact]
    public void FurtherEnds_OfTheGenerationConfiguration_AreKept()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "qwen2");
        folder.Write("generation_config.json",
            new JsonObject { ["eos_token_id"] = new JsonArray(267, 268), ["top_k"] = 20, ["top_p"] = 0.8, ["temperature"] = 0.7 });

        Tokenizer tokenizer = Load(folder);
        using GgufFile file = GgufFile.Open(folder.Output);

        Assert.True(tokenizer.IsEndOfGeneration(267));
        Assert.True(tokenizer.IsEndOfGeneration(268));
        Assert.Equal(20, file.Metadata.GetInteger("general.sampling.top_k"));
        Assert.Equal(0.7f, file.Metadata.GetFloat("general.sampling.temp"));
    }

    [Fact]
    public void ChatTemplates_AreKept_OfEitherPlace()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "qwen2");
        folder.Write("chat_template.jinja", "{{ from_file }}"u8.ToArray());
        Assert.Equal("{{ messages }}", Template(folder, "tokenizer.chat_template"));

        folder.Change("tokenizer_config.json", json => json["chat_template"] = new JsonArray(
            new JsonObject { ["name"] = "default", ["template"] = "A" }, new JsonObject { ["name"] = "tool use", ["template"] = "B" }));
        Assert.Equal("A", Template(folder, "tokenizer.chat_template"));
        Assert.Equal("B", Template(folder, "tokenizer.chat_template.tool_use"));

        folder.Change("tokenizer_config.json", json => json.Remove("chat_template"));
        Assert.Equal("{{ from_file }}", Template(folder, "tokenizer.chat_template"));
    }

    private static string? Template(TestFolder folder, string key)
    {
        using GgufFile file = folder.Convert();
        return file.Metadata.GetString(key);
    }

    private static Tokenizer Load(TestFolder folder)
    {
        using GgufFile file = folder.Convert();
        return Tokenizer.Create(file.Metadata);
    }

    private static JsonObject Added(string text, bool special) => new() { ["content"] = text, ["special"] = special };

    private static void WriteRows(TestFolder folder, int rows)
    {
        using TestFolder other = new();
        HuggingFaceTransformer model = TestModels.Write(other, "llama");
        JsonObject config = other.Read("config.json");
        config["vocab_size"] = rows;
        folder.Write("config.json", config);
        folder.WriteTensors(
        [
            .. model.Tensors.Where(tensor => tensor.Name is not ("model.embed_tokens.weight" or "lm_head.weight")),
            new TestTensor("model.embed_tokens.weight", "F32", [rows, 64], new float[rows * 64]),
            new TestTensor("lm_head.weight", "F32", [rows, 64], new float[rows * 64]),
        ]);
    }
}
