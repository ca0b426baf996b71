using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// OLMo 2 and 3: norms after each block instead of in front, and over whole queries and keys. OLMo 3 has windows, whose layers scale no
/// angles.
/// </summary>
internal sealed class Olmo2Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["olmo2"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        builder.Weights.Ignore($"blk.{layer}.attn_q.bias");
        builder.Weights.Ignore($"blk.{layer}.attn_k.bias");
        builder.Weights.Ignore($"blk.{layer}.attn_v.bias");
        LayerDescription description = base.Describe(builder, layer);
        int window = Window(builder, layer, period: 4);
        return WithPostNorms(description) with
        {
            MixerNorm = null,
            FeedForwardNorm = null,
            Attention = description.Attention with
            {
                Pairing = RopePairing.Split,
                Norm = QueryKeyNorm.Vector,
                Window = window,
                Rope = window > 0 ? 1 : 0,
            },
        };
    }

    protected override void AddRopes(ModelBuilder builder)
    {
        RopeConfig rope = builder.Config.Rope;
        builder.AddRope(rope, useFactors: false);
        builder.AddRope(WindowedRope(builder, rope.FrequencyBase) with { AttentionFactor = 1 }, useFactors: false);
    }
}
