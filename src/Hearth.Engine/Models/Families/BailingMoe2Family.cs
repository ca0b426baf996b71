using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Ling 2 and Ring: norms of query and key heads, dense networks in the first layers, experts chosen from groups in the others.
/// </summary>
internal sealed class BailingMoe2Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["bailingmoe2"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        ExpertsDescription experts = SharedAndRoutedExperts(builder, ExpertGating.Sigmoid);
        int shared = builder.Header.OptionalCount("expert_shared_feed_forward_length", minimum: 0) ?? 0;
        int count = builder.Header.Count("expert_shared_count", minimum: 0, maximum: 256);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Head },
            Experts = layer < DenseLayers(builder) ? null : experts with { SharedWidth = shared > 0 ? checked(shared * count) : experts.SharedWidth },
        };
    }
}
