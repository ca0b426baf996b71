namespace Hearth.Engine.Models.Families;

/// <summary>Refact: Llama with linear biases instead of rotary positions.</summary>
internal sealed class RefactFamily : TransformerFamily
{
    private const float MaxBias = 8;

    // The architecture's reference knows them and computes without them.
    private static readonly string[] s_unused = ["attn_output.bias", "ffn_gate.bias", "ffn_up.bias", "ffn_down.bias"];

    public override IReadOnlyList<string> Architectures { get; } = ["refact"];

    public override ModelConfig ReadConfig(ConfigReader reader)
    {
        ModelConfig config = base.ReadConfig(reader);
        return config.ExpertCount == 0 ? config : throw ModelException.UnsupportedFeature(config.Architecture, "a mixture of experts");
    }

    protected override void AddRopes(ModelBuilder builder) => builder.Weights.Ignore("rope_freqs.weight");

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        foreach (string name in s_unused)
        {
            builder.Weights.Ignore($"blk.{layer}.{name}");
        }

        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { Pairing = null, AlibiMaxBias = MaxBias } };
    }
}
