using Hearth.Engine.Embedding;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Qwen 3 and the text side of Qwen 3 VL: Llama with halves as rotary pairs and norms of each query and key head.</summary>
internal sealed class Qwen3Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["qwen3", "qwen3vl"];

    protected override ModelDescription Describe(ModelBuilder builder) => base.Describe(builder) with
    {
        Rank = new RankDescription { Pooling = PoolingKind.Last, Softmax = true },
    };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Head } };
    }
}
