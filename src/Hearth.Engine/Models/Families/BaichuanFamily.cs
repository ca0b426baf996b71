namespace Hearth.Engine.Models.Families;

/// <summary>
/// Baichuan: the 7B models are Llama; the 13B ones have linear biases instead of rotary positions. Only the layers tell which.
/// </summary>
internal sealed class BaichuanFamily : TransformerFamily
{
    private const int LayersWithRotary = 32;
    private const int LayersWithBiases = 40;
    private const float MaxBias = 8;

    public override IReadOnlyList<string> Architectures { get; } = ["baichuan"];

    public override ModelConfig ReadConfig(ConfigReader reader)
    {
        ModelConfig config = base.ReadConfig(reader);
        return config.LayerCount is LayersWithRotary or LayersWithBiases
            ? config
            : throw ModelException.UnsupportedFeature(config.Architecture, $"{config.LayerCount} layers, where {LayersWithRotary} (7B) and {LayersWithBiases} (13B) are known");
    }

    protected override void AddRopes(ModelBuilder builder)
    {
        if (builder.Config.LayerCount == LayersWithRotary)
        {
            base.AddRopes(builder);
        }
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return builder.Config.LayerCount == LayersWithRotary
            ? description
            : description with { Attention = description.Attention with { Pairing = null, AlibiMaxBias = MaxBias } };
    }
}
