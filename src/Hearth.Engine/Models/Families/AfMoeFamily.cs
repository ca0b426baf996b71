using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Trinity: gated attention, norms before and after each block, windowed layers, and every fourth layer without rotary positions.
/// </summary>
internal sealed class AfMoeFamily : TransformerFamily
{
    private const int PositionPeriod = 4;

    public override IReadOnlyList<string> Architectures { get; } = ["afmoe"];

    protected override ModelDescription Describe(ModelBuilder builder) => new() { EmbeddingScale = MathF.Sqrt(builder.Config.EmbeddingLength) };

    protected override void AddRopes(ModelBuilder builder)
    {
        RopeConfig rope = builder.Config.Rope;
        builder.AddRope(rope);
        builder.AddRope(WindowedRope(builder, rope.FrequencyBase) with { Scaling = rope.Scaling });
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int window = Window(builder, layer, period: 4);
        return description with
        {
            MixerPostNorm = "post_attention_norm",
            FeedForwardPostNorm = "post_ffw_norm",
            Attention = description.Attention with
            {
                Pairing = (layer + 1) % PositionPeriod != 0 ? RopePairing.Split : null,
                Rope = window > 0 ? 1 : 0,
                Window = window,
                Norm = QueryKeyNorm.Head,
                Gate = AttentionGate.Separate,
            },
            Experts = layer < DenseLayers(builder) ? null : SharedAndRoutedExperts(builder, ExpertGating.Sigmoid),
        };
    }
}
