using Hearth.Engine.Devices;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Falcon: layer norms, attention and a plain network side by side behind one norm, or (40B) each behind its own.</summary>
internal sealed class FalconFamily : LayerNormFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["falcon"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        bool twoNorms = builder.Weights.Has($"blk.{layer}.attn_norm_2.weight");
        return description with
        {
            Layout = LayerLayout.Parallel,
            MixerNorm = twoNorms ? "attn_norm_2" : "attn_norm",
            FeedForwardNorm = twoNorms ? "attn_norm" : null,
            Attention = description.Attention with { Pairing = RopePairing.Split },
            FeedForward = Plain(builder, layer, Activation.Gelu),
        };
    }
}
