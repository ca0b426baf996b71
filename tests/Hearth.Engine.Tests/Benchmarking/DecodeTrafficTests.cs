using Hearth.Engine.Benchmarking;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Tests.Models.Synthesis;
using Hearth.Kernels.Attention;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Tests.Benchmarking;

public sealed class DecodeTrafficTests
{
    private static readonly GgufTensor[] s_tensors =
    [
        Tensor("token_embd.weight", 64, 1000),
        Tensor("output_norm.weight", 64),
        Tensor("blk.0.attn_q.weight", 64, 64),
        Tensor("blk.0.ffn_down_exps.weight", 32, 64, 8),
        Tensor("blk.0.ffn_down_exps.bias", 64, 8),
        Tensor("blk.0.ffn_gate_inp.weight", 64, 8),
        Tensor("blk.1.attn_q.weight", 64, 64),
    ];

    [Fact]
    public void Weights_CountUsedExpertsOneRowOfTablesAndLayersThatRun()
    {
        GgufTensor[] untied = [.. s_tensors, Tensor("output.weight", 64, 1000), Tensor("position_embd.weight", 64, 100)];

        long bytes = DecodeTraffic.SumWeights(untied, Config());

        long experts = ((32 * 64 * 8) + (64 * 8)) * 2 / 8;
        Assert.Equal(4 * (64 + 64 + (64 * 64) + experts + (64 * 8) + (64 * 1000) + 64), bytes);
    }

    [Fact]
    public void Weights_CountTiedEmbeddingsWhole()
    {
        long experts = ((32 * 64 * 8) + (64 * 8)) * 2 / 8;
        Assert.Equal(4 * ((64 * 1000) + 64 + (64 * 64) + experts + (64 * 8)), DecodeTraffic.SumWeights(s_tensors, Config()));
    }

    [Fact]
    public void Cache_CountsThePositionsThatEachLayerSees()
    {
        string path = Path.GetTempFileName();
        try
        {
            // Four layers of 4 heads of 16, windows of 16 in every second one.
            ModelSynthesizer.Write(ModelCases.All.First(model => model.Name == "gemma2"), path);
            using OpenedModel opened = OpenedModel.Open(path, new());
            DecodeTraffic traffic = new(opened.File.Tensors, opened.Decoder, KvElementType.F32);
            double perPosition = KvStorage.BytesFor([opened.Decoder.CacheLayers[0]], 1, KvElementType.F32) / (double)KvStorage.BlockTokens;
            int layers = opened.Decoder.CacheLayers.Count;
            int windowed = opened.Decoder.CacheReads.Count(read => read.Window == 16);
            Assert.InRange(windowed, 1, layers - 1);

            Assert.Equal(traffic.WeightBytes + (layers * perPosition * 1.5), traffic.BytesPerToken(0, 2), 3);
            Assert.Equal(traffic.WeightBytes + (perPosition * (((layers - windowed) * 101) + (windowed * 16))), traffic.BytesPerToken(100, 1), 3);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(AttentionMask.Causal, 0, 9, 10)]
    [InlineData(AttentionMask.Causal, 4, 9, 4)]
    [InlineData(AttentionMask.Causal, 4, 2, 3)]
    [InlineData(AttentionMask.Chunked, 4, 9, 2)]
    [InlineData(AttentionMask.Bidirectional, 0, 9, 10)]
    [InlineData(AttentionMask.Bidirectional, 4, 9, 3)]
    public void Mask_LimitsWhatIsVisible(AttentionMask mask, int window, int position, int expected) =>
        Assert.Equal(expected, new CacheRead(0, mask, window).VisiblePositions(position));

    private static GgufTensor Tensor(string name, params long[] dimensions) =>
        new(name, TensorType.F32, [.. dimensions], 0, 0, 4 * dimensions.Aggregate((product, dimension) => product * dimension));

    private static ModelConfig Config() => new()
    {
        Architecture = "test",
        ContextLength = 100,
        EmbeddingLength = 64,
        LayerCount = 1,
        BlockCount = 2,
        VocabularySize = 1000,
        HeadCounts = [4],
        KeyValueHeadCounts = [4],
        KeyLength = 16,
        ValueLength = 16,
        FeedForwardLengths = [32],
        NormEpsilon = 1e-5f,
        Rope = new RopeConfig { DimensionCount = 16 },
        AttentionScale = 0.25f,
        ExpertCount = 8,
        ExpertUsedCount = 2,
    };
}
