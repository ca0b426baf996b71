using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Qwen 3 with experts and the text side of Qwen 3 VL with experts: norms of query and key heads.</summary>
internal sealed class Qwen3MoeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["qwen3moe", "qwen3vlmoe"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int width = ExpertsReader.WidthOrShare(builder.Header, builder.Config.FeedForwardLengths[layer]);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Head },
            Experts = ExpertsReader.Read(builder.Header, width, normalize: true),
        };
    }
}
