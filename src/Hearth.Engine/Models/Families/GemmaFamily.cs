using Hearth.Engine.Devices;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Gemma: scaled embeddings, halves as rotary pairs, gates with GELU. The norms' weights in files include the 1 that is added in training.
/// </summary>
internal class GemmaFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["gemma"];

    protected override ModelDescription Describe(ModelBuilder builder) => new() { EmbeddingScale = MathF.Sqrt(builder.Config.EmbeddingLength) };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split },
            FeedForward = description.FeedForward! with { Activation = Activation.Gelu },
        };
    }

    /// <summary>
    /// The layer whose keys and values a layer reads when the last layers compute none: the last of the same kind before them, where the
    /// last two are windowed and full.
    /// </summary>
    /// <param name="builder">The model in the making.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="first">The first layer without keys and values.</param>
    /// <param name="isWindowed">Which layers are windowed.</param>
    protected static int? SharedLayer(ModelBuilder builder, int layer, int first, Func<int, bool> isWindowed)
    {
        if (layer < first)
        {
            return null;
        }

        int source = first - (isWindowed(layer) ? 2 : 1);
        IReadOnlyList<int> heads = builder.Config.KeyValueHeadCounts;
        return source >= 0 && isWindowed(source) == isWindowed(layer) && heads[source] == heads[layer]
            ? source
            : throw ModelException.UnsupportedFeature(builder.Config.Architecture, $"keys and values in layer {layer} that no earlier layer computes");
    }
}
