using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Phi 3 and 4: Llama with halves as rotary pairs, a fused gate, and LongRoPE factors. The header's window is not used: files state one for
/// models that were not trained with it.
/// </summary>
internal sealed class Phi3Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["phi3"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split },
            FeedForward = description.FeedForward! with { Gate = GateKind.Fused },
        };
    }
}
