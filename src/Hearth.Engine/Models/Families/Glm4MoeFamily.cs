using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// GLM 4.5 and 4.6: optional norms of query and key heads, dense networks in the first layers, shared and routed experts in the
/// others.
/// </summary>
internal sealed class Glm4MoeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["glm4moe"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            FeedForwardNorm = "post_attention_norm",
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Head, NormIsOptional = true },
            Experts = layer < DenseLayers(builder) ? null : SharedAndRoutedExperts(builder, ExpertGating.Sigmoid),
        };
    }
}
