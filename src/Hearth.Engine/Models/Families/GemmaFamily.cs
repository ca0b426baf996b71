using Hearth.Engine.Devices;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Gemma: scaled embeddings, halves as rotary pairs, gates with GELU. The norms' weights in files include the 1 that is added in training.</summary>
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
}
