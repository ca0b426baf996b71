using Hearth.Engine.Gguf;
using Hearth.Engine.Quantization;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Tests.Quantization;

/// <summary>The types of tensors against llama.cpp's choices.</summary>
public sealed class TypeMixTests
{
    public static TheoryData<string, string> Mixes =>
        [.. ExpectedMixes.All.SelectMany(model => model.FileTypes.Select(type => (model.Name, type)))];

    [Theory]
    [MemberData(nameof(Mixes))]
    public void Types_AreThoseOfTheReference(string name, string fileType)
    {
        ExpectedMixes model = ExpectedMixes.All.Single(model => model.Name == name);

        PlannedTensor[] planned = QuantizationPlan.Plan(
            model.Metadata, model.Tensors, FileType.Find(fileType)!, new QuantizationOptions { Type = fileType });

        Dictionary<string, TensorType> expected = model.TypesIn(fileType);
        Assert.All(planned, tensor => Assert.Equal((tensor.Source.Name, expected[tensor.Source.Name]), (tensor.Source.Name, tensor.Type)));
    }

    [Fact]
    public void Order_OfTheFileDoesNotMatter()
    {
        ExpectedMixes model = ExpectedMixes.All.Single(model => model.Name == "llama-70b");
        GgufTensor[] shuffled = [.. model.Tensors];
        new Random(1).Shuffle(shuffled);

        PlannedTensor[] planned = QuantizationPlan.Plan(
            model.Metadata, shuffled, FileType.Find("Q4_K_M")!, new QuantizationOptions { Type = "Q4_K_M" });

        Dictionary<string, TensorType> expected = model.TypesIn("Q4_K_M");
        Assert.Equal(shuffled.Select(tensor => tensor.Name), planned.Select(tensor => tensor.Source.Name));
        Assert.All(planned, tensor => Assert.Equal(expected[tensor.Source.Name], tensor.Type));
    }

    [Fact]
    public void Mxfp4_OfADenseModel_IsMxfp4ButTheOutput()
    {
        Dictionary<string, TensorType> types = Plan("llama-dense", new QuantizationOptions { Type = "mxfp4" });

        Assert.Equal(TensorType.Q8_0, types["output.weight"]);
        Assert.Equal(TensorType.MXFP4, types["token_embd.weight"]);
        Assert.Equal(TensorType.MXFP4, types["blk.3.ffn_down.weight"]);
        Assert.Equal(TensorType.F32, types["blk.3.ffn_norm.weight"]);
    }

    [Fact]
    public void Pure_GivesAllMatricesOneType()
    {
        Dictionary<string, TensorType> types = Plan("gemma3n", new QuantizationOptions { Type = "Q4_K_M", Pure = true });

        Assert.Equal(TensorType.Q4_K, types["token_embd.weight"]);
        Assert.Equal(TensorType.Q4_K, types["blk.0.attn_v.weight"]);
        Assert.Equal(TensorType.F16, types["blk.0.laurel_l.weight"]);
    }

    [Fact]
    public void Options_ComeBeforeTheMix()
    {
        Dictionary<string, TensorType> types = Plan("llama-dense", new QuantizationOptions
        {
            Type = "Q4_K_M",
            OutputTensorType = TensorType.Q8_0,
            TokenEmbeddingType = TensorType.Q5_1,
            TensorTypes = [TensorTypeRule.Parse(@"blk\.[01]\.FFN=IQ4_XS"), TensorTypeRule.Parse("ffn_up=q2_k")],
        });

        Assert.Equal(TensorType.Q8_0, types["output.weight"]);
        Assert.Equal(TensorType.Q5_1, types["token_embd.weight"]);
        Assert.Equal(TensorType.IQ4_XS, types["blk.1.ffn_up.weight"]);
        Assert.Equal(TensorType.Q2_K, types["blk.2.ffn_up.weight"]);
        Assert.Equal(TensorType.Q4_K, types["blk.2.ffn_gate.weight"]);
        Assert.Equal(TensorType.F32, types["blk.0.ffn_norm.weight"]);
    }

    [Fact]
    public void TiedEmbedding_TakesTheOutputsType() =>
        Assert.Equal(
            TensorType.F16, Plan("bert", new QuantizationOptions { Type = "Q8_0", OutputTensorType = TensorType.F16 })["token_embd.weight"]);

    [Theory]
    [InlineData("IQ2_XXS")]
    [InlineData("Q9_K")]
    [InlineData("")]
    public void FileTypesThatCannotBeWritten_AreRefusedWithTheList(string type)
    {
        using Workspace workspace = new();
        using GgufFile model = workspace.Model();

        QuantizationException error = Assert.Throws<QuantizationException>(
            () => QuantizationPlan.Create(model, new QuantizationOptions { Type = type }));

        Assert.Equal(QuantizationErrorKind.UnknownFileType, error.Kind);
        Assert.Contains("IQ4_XS", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ffn_down", QuantizationErrorKind.InvalidRule)]
    [InlineData("=Q4_0", QuantizationErrorKind.InvalidRule)]
    [InlineData("(=Q4_0", QuantizationErrorKind.InvalidRule)]
    [InlineData("(?=x)=Q4_0", QuantizationErrorKind.InvalidRule)]
    [InlineData("ffn_down=Q4_K_M", QuantizationErrorKind.UnknownTensorType)]
    [InlineData("ffn_down=IQ1_S", QuantizationErrorKind.UnknownTensorType)]
    [InlineData("ffn_down=I32", QuantizationErrorKind.UnknownTensorType)]
    [InlineData("ffn_down=", QuantizationErrorKind.UnknownTensorType)]
    public void Rules_ThatMakeNoSense_AreRefused(string rule, QuantizationErrorKind kind) =>
        Assert.Equal(kind, Assert.Throws<QuantizationException>(() => TensorTypeRule.Parse(rule)).Kind);

    [Fact]
    public void Metadata_MayBeAbsurd()
    {
        GgufMetadata metadata = GgufMetadata.FromPairs(
        [
            new("general.architecture", "llama"), new("llama.block_count", ulong.MaxValue >> 1), new("llama.expert_count", long.MinValue),
            new("llama.attention.head_count", Array.Empty<int>()), new("llama.attention.head_count_kv", long.MinValue),
        ]);
        GgufTensor[] tensors =
        [
            new("blk.99999999999999999999.ffn_down.weight", TensorType.F16, [256, 4], 0, 0, 0),
            new("blk.-1.attn_v.weight", TensorType.F32, [255, 4], 0, 0, 0),
            new("blk..ffn_up.weight", TensorType.I32, [256, 4], 0, 0, 0),
        ];

        PlannedTensor[] planned = QuantizationPlan.Plan(metadata, tensors, FileType.Find("Q4_K_M")!, new QuantizationOptions { Type = "Q4_K_M" });

        Assert.Equal([TensorType.Q6_K, TensorType.F16, TensorType.I32], planned.Select(tensor => tensor.Type));
    }

    private static Dictionary<string, TensorType> Plan(string name, QuantizationOptions options)
    {
        ExpectedMixes model = ExpectedMixes.All.Single(model => model.Name == name);
        return QuantizationPlan.Plan(model.Metadata, model.Tensors, FileType.Find(options.Type)!, options)
            .ToDictionary(tensor => tensor.Source.Name, tensor => tensor.Type);
    }
}
