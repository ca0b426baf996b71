namespace Hearth.Engine.Models.Families;

/// <summary>Llama as an encoder: it embeds text.</summary>
internal sealed class LlamaEmbedFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["llama-embed"];

    protected override ModelDescription Describe(ModelBuilder builder)
    {
        // Files may have the head of the decoder that the encoder was trained from.
        builder.Weights.OptionalMatrix("output.weight", builder.Config.VocabularySize, builder.Config.EmbeddingLength);
        return new ModelDescription { HasHead = false };
    }
}
