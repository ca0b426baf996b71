using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>dots.llm1: norms of query and key heads, dense networks in the first layers, shared and routed experts in the others.</summary>
internal sealed class Dots1Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["dots1"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Head },
            Experts = layer < DenseLayers(builder) ? null : SharedAndRoutedExperts(builder, ExpertGating.Sigmoid),
        };
    }
}
