namespace Hearth.Engine.Models.Families;

/// <summary>LLaDA, a diffusion model: Llama that sees all positions.</summary>
internal sealed class LladaFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["llada"];

    public override ModelConfig ReadConfig(ConfigReader reader) => base.ReadConfig(reader) with { Causal = false };
}
