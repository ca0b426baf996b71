using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Dream, a diffusion model: Qwen 2 that sees all positions.</summary>
internal sealed class DreamFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["dream"];

    public override ModelConfig ReadConfig(ConfigReader reader) => base.ReadConfig(reader) with { Causal = false };

    protected override void AddRopes(ModelBuilder builder)
    {
        builder.Weights.Ignore("output.bias");
        base.AddRopes(builder);
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { Pairing = RopePairing.Split } };
    }
}
