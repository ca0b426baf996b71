using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>EXAONE 3 and the text side of PaddleOCR-VL: Llama with halves as rotary pairs.</summary>
internal sealed class ExaoneFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["exaone", "paddleocr"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { Pairing = RopePairing.Split } };
    }
}
