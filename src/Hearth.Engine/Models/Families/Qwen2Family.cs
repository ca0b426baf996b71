using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Qwen 2 and the text side of Qwen 2 VL: Llama with halves as rotary pairs and biases on queries, keys and values.</summary>
internal sealed class Qwen2Family : TransformerFamily
{
    private const float DefaultEpsilon = 1e-6f;

    public override IReadOnlyList<string> Architectures { get; } = ["qwen2", "qwen2vl"];

    public override ModelConfig ReadConfig(ConfigReader reader)
    {
        if (reader.Architecture == "qwen2")
        {
            return base.ReadConfig(reader);
        }

        // The fourth section turns with a position that text does not have.
        return reader.OptionalIntegers("rope.dimension_sections") is [_, _, _, not 0]
            ? throw ModelException.UnsupportedFeature(reader.Architecture, "a fourth section of rotary positions")
            : StandardConfig.Read(reader, DefaultEpsilon);
    }

    protected override ModelDescription Describe(ModelBuilder builder)
    {
        if (builder.Config.Architecture == "qwen2vl")
        {
            // The architecture's reference does not add it.
            builder.Weights.Ignore("output.bias");
        }

        return base.Describe(builder);
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { Pairing = RopePairing.Split } };
    }
}
