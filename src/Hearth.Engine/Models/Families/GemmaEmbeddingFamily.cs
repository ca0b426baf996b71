
namespace Hearth.Engine.Models.Families;

/// <summary>EmbeddingGemma: Gemma 3 that sees both ways, with dense layers after pooling.</summary>
internal sealed class GemmaEmbeddingFamily : Gemma3Family
{
    public override IReadOnlyList<string> Architectures { get; } = ["gemma-embedding"];

    public override ModelConfig ReadConfig(ConfigReader reader) => base.ReadConfig(reader) with { Causal = false };

    protected override ModelDescription Describe(ModelBuilder builder)
    {
        // Files may have the head of the decoder that the encoder was trained from.
        builder.Weights.OptionalMatrix("output.weight", builder.Config.VocabularySize, builder.Config.EmbeddingLength);
        return base.Describe(builder) with { HasHead = false };
    }
}
