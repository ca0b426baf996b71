namespace Hearth.Engine.Models.Families;

/// <summary>MiniCPM: Llama with factors of the embeddings, of the blocks' outputs and of the logits, which old files do not name.</summary>
internal sealed class MiniCpmFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["minicpm"];

    protected override ModelDescription Describe(ModelBuilder builder)
    {
        float divisor = builder.Header.OptionalNumber("logit_scale", 1e-6, 1e6) ?? 256f / builder.Config.EmbeddingLength;
        return new ModelDescription
        {
            EmbeddingScale = builder.Header.OptionalNumber("embedding_scale", -1e6, 1e6) is float scale ? (scale == 0 ? 1 : scale) : 12,
            LogitScale = 1 / divisor,
        };
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        float scale = builder.Header.OptionalNumber("residual_scale", -1e6, 1e6) ?? 1.4f / MathF.Sqrt(builder.Config.LayerCount);
        return base.Describe(builder, layer) with { ResidualScale = scale == 0 ? 1 : scale };
    }
}
