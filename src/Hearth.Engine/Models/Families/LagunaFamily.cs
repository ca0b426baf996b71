using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Activation;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Laguna: gated attention with head counts per layer, windowed layers with angles of their own, and shared and routed experts.
/// </summary>
internal sealed class LagunaFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["laguna"];

    protected override void AddRopes(ModelBuilder builder)
    {
        base.AddRopes(builder);
        RopeConfig rope = builder.Config.Rope;
        int dimensions = builder.Header.OptionalCount("rope.dimension_count_swa", minimum: 0, maximum: builder.Config.KeyLength) ?? rope.DimensionCount;
        builder.AddRope(WindowedRope(builder, rope.FrequencyBase) with { DimensionCount = dimensions / 2 * 2, AttentionFactor = 1 });
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int window = Window(builder, layer, period: 4, fullFirst: true);
        bool perElement = builder.Weights.Rows($"blk.{layer}.attn_gate.weight") > description.Attention.Heads;
        return description with
        {
            Attention = description.Attention with
            {
                Pairing = RopePairing.Split,
                Rope = window > 0 ? 1 : 0,
                Window = window,
                Norm = QueryKeyNorm.Head,
                Gate = perElement ? AttentionGate.Separate : AttentionGate.PerHead,
                GateActivation = ActivationKind.Softplus,
            },
            Experts = layer < DenseLayers(builder) ? null : Experts(builder),
        };
    }

    private static ExpertsDescription Experts(ModelBuilder builder)
    {
        int width = builder.Header.Count("expert_feed_forward_length");
        int count = builder.Header.OptionalCount("expert_shared_count", minimum: 0, maximum: 256) ?? 1;
        int shared = builder.Header.OptionalCount("expert_shared_feed_forward_length", minimum: 0) ?? 0;
        return ExpertsReader.Read(builder.Header, width, ExpertGating.Sigmoid) with { SharedWidth = shared > 0 ? shared : checked(width * count) };
    }
}
