using System.Text.Json.Nodes;
using Hearth.Engine.Conversion;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Kernels.Attention;
using Hearth.Kernels.Formats;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Conversion;

/// <summary>Converted models against what their folders compute.</summary>
public sealed class ModelConversionTests
{
    // Long enough for the windows of 8, and past phi3-long's original context.
    private const int Tokens = 24;

    public static TheoryData<string> Types => [.. TestModels.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void Logits_AreThoseOfTheFolder(string type)
    {
        using TestFolder folder = new();
        HuggingFaceTransformer reference = TestModels.Write(folder, type);

        folder.Save(new ConversionOptions { Type = TensorType.F32 });

        double error = Error(folder, reference);
        Assert.True(error <= 1e-9, $"NMSE {error:E2} of {type}");
    }

    [Theory]
    [InlineData("F32", 1)]
    [InlineData("F16", 1)]
    [InlineData("F64", 1)]
    [InlineData("BF16", 3)]
    public void ElementTypesAndFiles_MakeNoDifference(string elements, int files)
    {
        using TestFolder folder = new();
        HuggingFaceTransformer reference = TestModels.Write(folder, "llama", elements, files);

        folder.Save(new ConversionOptions { Type = TensorType.F32 });

        double error = Error(folder, reference);
        Assert.True(error <= 1e-9, $"NMSE {error:E2} of {elements} in {files} files");
    }

    [Theory]
    [InlineData("BF16", null, TensorType.BF16, 32u)]
    [InlineData("F16", null, TensorType.F16, 1u)]
    [InlineData("F32", null, TensorType.F16, 1u)]
    [InlineData("BF16", TensorType.F16, TensorType.F16, 1u)]
    [InlineData("BF16", TensorType.Q8_0, TensorType.Q8_0, 7u)]
    [InlineData("BF16", TensorType.F32, TensorType.F32, 0u)]
    public void Matrices_AreOfTheTypeAskedFor_AndVectorsF32(string elements, TensorType? asked, TensorType expected, uint fileType)
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "qwen3_moe", elements);

        using GgufFile file = folder.Convert(new ConversionOptions { Type = asked });

        Assert.Equal(expected, file.Tensor("token_embd.weight").Type);
        Assert.Equal(expected, file.Tensor("blk.1.ffn_down_exps.weight").Type);
        Assert.Equal(TensorType.F32, file.Tensor("blk.0.attn_norm.weight").Type);
        Assert.Equal(TensorType.F32, file.Tensor("blk.0.attn_q_norm.weight").Type);
        Assert.Equal(TensorType.F32, file.Tensor("blk.0.ffn_gate_inp.weight").Type);
        Assert.Equal(fileType, file.Metadata.GetInteger("general.file_type"));
    }

    [Fact]
    public void QueriesAndKeys_OfLlama_GoFromHalvesToPairs()
    {
        using TestFolder folder = new();
        HuggingFaceTransformer reference = TestModels.Write(folder, "llama");

        using GgufFile file = folder.Convert(new ConversionOptions { Type = TensorType.F32 });

        // Row 3 of head 1 (16 rows) is the second of pair 1: row 1 of the head's second half.
        float[] source = reference.Values("model.layers.0.self_attn.q_proj.weight");
        Assert.Equal(source[((16 + 9) * 64)..((16 + 10) * 64)], Row(file, "blk.0.attn_q.weight", 16 + 3));
        float[] keys = reference.Values("model.layers.1.self_attn.k_proj.weight");
        Assert.Equal(keys[(2 * 64)..(3 * 64)], Row(file, "blk.1.attn_k.weight", 4));
        float[] values = reference.Values("model.layers.1.self_attn.v_proj.weight");
        Assert.Equal(values[(4 * 64)..(5 * 64)], Row(file, "blk.1.attn_v.weight", 4));
        float[] bias = reference.Values("model.layers.0.self_attn.k_proj.bias");
        Assert.Equal(bias[16 + 9], file.ReadFloats(file.Tensor("blk.0.attn_k.bias"))[16 + 3]);
    }

    [Fact]
    public void NormsOfGemma_AreOneMore()
    {
        using TestFolder folder = new();
        HuggingFaceTransformer reference = TestModels.Write(folder, "gemma2");

        using GgufFile file = folder.Convert();

        Assert.Equal(
            reference.Values("model.layers.1.post_feedforward_layernorm.weight").Select(value => value + 1),
            file.ReadFloats(file.Tensor("blk.1.post_ffw_norm.weight")));
    }

    [Fact]
    public void Experts_AreStackedInOrder()
    {
        using TestFolder folder = new();
        HuggingFaceTransformer reference = TestModels.Write(folder, "mixtral", files: 4);

        using GgufFile file = folder.Convert(new ConversionOptions { Type = TensorType.F32 });

        GgufTensor stack = file.Tensor("blk.1.ffn_down_exps.weight");
        Assert.Equal([96, 64, 4], stack.Dimensions);
        float[] values = file.ReadFloats(stack);
        Assert.Equal(reference.Values("model.layers.1.block_sparse_moe.experts.3.w2.weight"), values[(3 * 96 * 64)..]);
    }

    [Fact]
    public void Metadata_OfLlama3_SayWhatTheConfigurationSays()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "llama3");

        using GgufFile file = folder.Convert();

        GgufMetadata metadata = file.Metadata;
        Assert.Equal("llama", metadata.GetString("general.architecture"));
        Assert.Equal("model", metadata.GetString("general.type"));
        Assert.Equal("Tiny-Model", metadata.GetString("general.name"));
        Assert.Equal(2, metadata.GetInteger("general.quantization_version"));
        Assert.Equal(2, metadata.GetInteger("llama.block_count"));
        Assert.Equal(512, metadata.GetInteger("llama.context_length"));
        Assert.Equal(64, metadata.GetInteger("llama.embedding_length"));
        Assert.Equal(96, metadata.GetInteger("llama.feed_forward_length"));
        Assert.Equal(4, metadata.GetInteger("llama.attention.head_count"));
        Assert.Equal(2, metadata.GetInteger("llama.attention.head_count_kv"));
        Assert.Equal(16, metadata.GetInteger("llama.rope.dimension_count"));
        Assert.Equal(1e-5f, metadata.GetFloat("llama.attention.layer_norm_rms_epsilon"));
        Assert.Equal(10_000f, metadata.GetFloat("llama.rope.freq_base"));
        Assert.Equal(269, metadata.GetInteger("llama.vocab_size"));
        Assert.Null(metadata.GetString("llama.rope.scaling.type"));

        // Wavelengths in tokens: 2 pi 10^(i/2) against 64 / 4 and 64 / 1.
        float[] factors = file.ReadFloats(file.Tensor("rope_freqs.weight"));
        Assert.Equal(1, factors[0]);
        Assert.Equal(1.2940, factors[1], 4);
        Assert.Equal(7.6674, factors[2], 4);
        Assert.Equal([8, 8, 8, 8, 8], factors[3..]);
    }

    [Fact]
    public void Metadata_OfGemma3_HaveBothFrequencyBases()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "gemma3_text");

        using GgufFile file = folder.Convert();

        Assert.Equal(1000f, file.Metadata.GetFloat("gemma3.rope.freq_base_swa"));
        Assert.Equal("linear", file.Metadata.GetString("gemma3.rope.scaling.type"));
        Assert.Equal(4f, file.Metadata.GetFloat("gemma3.rope.scaling.factor"));
        Assert.Equal(8, file.Metadata.GetInteger("gemma3.attention.sliding_window"));
        Assert.Equal(16, file.Metadata.GetInteger("gemma3.attention.key_length"));
        Assert.False(file.Metadata.GetBoolean("tokenizer.ggml.add_space_prefix"));
    }

    [Fact]
    public void TextPartOfAModelOfImages_IsConverted_AndTheRestNoted()
    {
        using TestFolder folder = new();
        HuggingFaceTransformer reference = TestModels.Write(folder, "gemma3_text");
        JsonObject text = folder.Read("config.json");
        folder.Write("config.json", new JsonObject { ["model_type"] = "gemma3", ["text_config"] = text });
        folder.WriteTensors([.. Prefixed(reference), new TestTensor("vision_tower.encoder.weight", "F32", [2, 2], [1, 2, 3, 4])]);

        IReadOnlyList<string> notes = folder.Save(new ConversionOptions { Type = TensorType.F32 });

        Assert.Contains(notes, note => note.Contains("1 tensors of the image encoder", StringComparison.Ordinal));
        Assert.True(Error(folder, reference) <= 1e-9);
    }

    [Fact]
    public void Window_ThatIsLeftOut_IsNoted()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "mistral");

        Assert.Contains(folder.Save(), note => note.Contains("sliding window of 256 tokens", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"pooling_mode_mean_tokens":false,"pooling_mode_lasttoken":true}""", 3)]
    [InlineData("""{"pooling_mode_mean_tokens":true}""", 1)]
    [InlineData("""{"pooling_mode":"cls"}""", 2)]
    public void Pooling_IsThatOfTheModules(string pooling, int expected)
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "qwen3");
        folder.Write("modules.json", JsonNode.Parse("""
            [{"path":"","type":"sentence_transformers.models.Transformer"},{"path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]
            """)!);
        Directory.CreateDirectory(folder.Combine("1_Pooling"));
        folder.Write("1_Pooling/config.json", JsonNode.Parse(pooling)!);

        using GgufFile file = folder.Convert();

        Assert.Equal(expected, file.Metadata.GetInteger("qwen3.pooling_type"));
    }

    [Theory]
    [InlineData("../1_Pooling", "Pooling")]
    [InlineData("1_Pooling", "Pooling")]
    [InlineData("2_Dense", "Dense")]
    public void Modules_ThatAFileCannotSay_AreRefused(string path, string type)
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "qwen3");
        folder.Write("modules.json", new JsonArray(new JsonObject { ["path"] = path, ["type"] = "sentence_transformers.models." + type }));

        Assert.True(folder.Error().Kind is ConversionErrorKind.InvalidValue or ConversionErrorKind.MissingFile);
    }

    [Fact]
    public void Documentation_NamesEveryType()
    {
        string text = File.ReadAllText(Path.Combine(Golden.RepositoryRoot, "docs", "models.md"));

        Assert.All(ModelConversion.ModelTypes, type => Assert.Contains($"`{type}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Result_IsTheSameWithAnyNumberOfFiles()
    {
        using TestFolder one = new(), three = new();
        TestModels.Write(one, "qwen3");
        TestModels.Write(three, "qwen3", files: 3);
        one.Save();
        three.Save();

        Assert.Equal(File.ReadAllBytes(one.Output), File.ReadAllBytes(three.Output));
    }

    private static IEnumerable<TestTensor> Prefixed(HuggingFaceTransformer reference) =>
        reference.Tensors.Select(tensor => new TestTensor("language_model." + tensor.Name, tensor.Type, tensor.Shape, tensor.Values));

    private static float[] Row(GgufFile file, string name, int row)
    {
        GgufTensor tensor = file.Tensor(name);
        return file.ReadFloats(tensor)[(int)(row * tensor.Columns)..(int)((row + 1) * tensor.Columns)];
    }

    private static double Error(TestFolder folder, HuggingFaceTransformer reference)
    {
        using (GgufFile file = GgufFile.Open(folder.Output))
        {
            string architecture = file.Metadata.GetString("general.architecture")!;
            Assert.SkipUnless(ModelFamily.Supported.Contains(architecture), $"Hearth does not run '{architecture}' yet.");
        }

        using LogitScorer scorer = LogitScorer.Load(folder.Output, new LanguageModelOptions { CacheType = KvElementType.F32 });
        int[] tokens = [.. Enumerable.Range(0, Tokens).Select(i => ((i * 37) + 11) % scorer.Config.VocabularySize)];
        List<float> logits = [];
        scorer.Score(tokens, row => logits.AddRange(row), TestContext.Current.CancellationToken);
        return Golden.NormalizedMeanSquaredError(
            logits.ToArray(), [.. reference.Logits(tokens).SelectMany(row => row).Select(value => (float)value)]);
    }
}
