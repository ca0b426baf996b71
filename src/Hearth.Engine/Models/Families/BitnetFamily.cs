using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// BitNet b1.58: Llama with halves as rotary pairs and a norm in front of each output projection. Ternary weights have a factor for each
/// matrix.
/// </summary>
internal sealed class BitnetFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["bitnet"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split, InnerNorm = "attn_sub_norm" },
            FeedForward = description.FeedForward! with { InnerNorm = "ffn_sub_norm" },
        };
    }
}
