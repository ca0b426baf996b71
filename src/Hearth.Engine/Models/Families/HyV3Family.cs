using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Hy V3: norms of query and key heads; layers with a router have a shared and routed experts, the others a dense network.
/// </summary>
internal sealed class HyV3Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["hy_v3"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int width = builder.Header.Count("expert_feed_forward_length");
        int shared = builder.Header.OptionalCount("expert_shared_feed_forward_length", minimum: 0) ?? 0;
        bool sparse = HasRouter(builder, layer);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Head },
            Experts = sparse
                ? ExpertsReader.Read(builder.Header, width, ExpertGating.Sigmoid) with { SelectionBias = "exp_probs_b", SharedWidth = shared > 0 ? shared : width }
                : null,
        };
    }
}
