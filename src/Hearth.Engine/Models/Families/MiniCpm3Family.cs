using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// MiniCPM 3: multi-head latent attention, and scales of embeddings, residual branches and logits that its files do not hold.
/// </summary>
internal sealed class MiniCpm3Family : TransformerFamily
{
    private const float EmbeddingScale = 12;
    private const float DepthScale = 1.4f;
    private const float BaseEmbeddingLength = 256;

    public override IReadOnlyList<string> Architectures { get; } = ["minicpm3"];

    protected override ModelDescription Describe(ModelBuilder builder) => new()
    {
        EmbeddingScale = EmbeddingScale,
        LogitScale = BaseEmbeddingLength / builder.Config.EmbeddingLength,
    };

    protected override LayerDescription Describe(ModelBuilder builder, int layer) =>
        base.Describe(builder, layer) with { ResidualScale = DepthScale / MathF.Sqrt(builder.Config.LayerCount), Experts = null };

    protected override Block Mixer(ModelBuilder builder, int layer, LayerDescription description) =>
        new LatentAttentionBlock(builder, layer, LatentAttentionConfig.Read(builder, layer) with { Pairing = RopePairing.Split });
}
