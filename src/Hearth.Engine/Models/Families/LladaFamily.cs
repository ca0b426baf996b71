namespace Hearth.Engine.Models.Families;

/// <summary>LLaDA, a diffusion model: Llama that sees all positions.</summary>
internal sealed class LladaFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["llada"];

    public override ModelConfig ReadConfig(ConfigReader reader) => base.ReadConfig(reader) with { Causal = false };

    protected override void AddRopes(ModelBuilder builder)
    {
        builder.Weights.Ignore("rope_freqs.weight");
        base.AddRopes(builder);
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        foreach (string name in (string[])["attn_output", "ffn_gate", "ffn_up", "ffn_down"])
        {
            builder.Weights.Ignore($"blk.{layer}.{name}.bias");
        }

        return base.Describe(builder, layer);
    }
}
