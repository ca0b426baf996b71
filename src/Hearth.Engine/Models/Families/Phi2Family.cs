using Hearth.Engine.Devices;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Phi 2: layer norms, attention and a plain network side by side behind one norm, halves of a part of each head as rotary pairs.
/// </summary>
internal sealed class Phi2Family : LayerNormFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["phi2"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Layout = LayerLayout.Parallel,
            FeedForwardNorm = null,
            Attention = description.Attention with { Pairing = RopePairing.Split },
            FeedForward = Plain(builder, layer, Activation.Gelu),
        };
    }
}
