using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>The text side of DeepSeek OCR: DeepSeek 2's experts with ordinary attention.</summary>
internal sealed class DeepSeek2OcrFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["deepseek2-ocr"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split },
            Experts = layer < DenseLayers(builder) ? null : SharedAndRoutedExperts(builder),
        };
    }
}
