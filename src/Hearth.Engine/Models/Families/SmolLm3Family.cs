namespace Hearth.Engine.Models.Families;

/// <summary>SmolLM 3: Llama without rotary positions in every fourth layer.</summary>
internal sealed class SmolLm3Family : TransformerFamily
{
    private const int Period = 4;

    public override IReadOnlyList<string> Architectures { get; } = ["smollm3"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return (layer + 1) % Period == 0 ? description with { Attention = description.Attention with { Pairing = null } } : description;
    }
}
