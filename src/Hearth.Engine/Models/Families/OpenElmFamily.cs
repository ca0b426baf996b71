using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// OpenELM: head counts and widths that differ from layer to layer, norms of each query and key head, halves as rotary pairs.
/// </summary>
internal sealed class OpenElmFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["openelm"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Head } };
    }
}
