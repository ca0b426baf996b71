using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Families;

/// <summary>BLOOM: layer norms, one of them over the embeddings, linear biases for positions, plain networks.</summary>
internal sealed class BloomFamily : LayerNormFamily
{
    private const float MaxBias = 8;

    public override IReadOnlyList<string> Architectures { get; } = ["bloom"];

    protected override ModelDescription Describe(ModelBuilder builder) => base.Describe(builder) with { EmbeddingNorm = NormKind.Layer };

    protected override void AddRopes(ModelBuilder builder)
    {
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with { Pairing = null, AlibiMaxBias = MaxBias },
            FeedForward = Plain(builder, layer, Activation.Gelu),
        };
    }
}
