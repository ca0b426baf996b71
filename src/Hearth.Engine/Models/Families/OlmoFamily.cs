namespace Hearth.Engine.Models.Families;

/// <summary>OLMo: Llama with layer norms that have no weights, and clamped queries, keys and values.</summary>
internal sealed class OlmoFamily : LayerNormFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["olmo"];

    protected override ModelDescription Describe(ModelBuilder builder) => base.Describe(builder) with { UnweightedOutputNorm = true };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            UnweightedNorms = true,
            Attention = description.Attention with { Clamp = builder.Header.OptionalNumber("attention.clamp_kqv", 0, 1e6) ?? 0 },
        };
    }
}
