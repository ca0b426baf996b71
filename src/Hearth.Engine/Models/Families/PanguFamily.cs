using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>openPangu Embedded: Llama with halves as rotary pairs.</summary>
internal sealed class PanguFamily : TransformerFamily
{
    private static readonly string[] s_factors = ["rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"];

    public override IReadOnlyList<string> Architectures { get; } = ["pangu-embedded"];

    protected override void AddRopes(ModelBuilder builder)
    {
        Array.ForEach(s_factors, builder.Weights.Ignore);
        base.AddRopes(builder);
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { Pairing = RopePairing.Split } };
    }
}
