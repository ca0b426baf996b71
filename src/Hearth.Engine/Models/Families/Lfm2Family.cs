using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// LFM 2: gated short convolutions and attention layer by layer, with dense networks or, after the first layers, experts.
/// </summary>
internal sealed class Lfm2Family : HybridFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["lfm2", "lfm2moe"];

    public override DecoderDefinition Compose(ModelBuilder builder)
    {
        if (!builder.Config.Causal)
        {
            throw ModelException.UnsupportedFeature(builder.Config.Architecture, "convolutions that see both ways (attention.causal = false)");
        }

        // A projection of embeddings, which logits do not pass.
        builder.Weights.Ignore("dense_2.weight");
        builder.Weights.Ignore("dense_2.bias");

        // The last norm has the name of another.
        Normalization norm = builder.Norm("token_embd_norm", NormKind.RootMeanSquare, builder.Config.EmbeddingLength);
        return base.Compose(builder) with { OutputNorm = norm };
    }

    protected override ModelDescription Describe(ModelBuilder builder) => new() { OutputNorm = null };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        bool sparse = builder.Config.Architecture == "lfm2moe";
        return description with
        {
            Attention = description.Attention with
            {
                Pairing = RopePairing.Split,
                Norm = QueryKeyNorm.Head,
                Window = sparse ? 0 : builder.Config.SlidingWindow,
            },
            FeedForward = new FeedForwardDescription { Width = builder.Config.FeedForwardLengths[0] },
            Experts = sparse && layer >= DenseLayers(builder)
                ? Experts(builder)
                : null,
        };
    }

    private static ExpertsDescription Experts(ModelBuilder builder)
    {
        ExpertsDescription experts = SharedAndRoutedExperts(builder);
        return experts with { SharedWidth = 0, Routing = experts.Routing with { NormalizeWeights = true, WeightScale = 1 } };
    }

    protected override Block RecurrentMixer(ModelBuilder builder, int layer) =>
        new ShortConvolutionBlock(builder, layer, StateSpaceConfig.ReadKernel(builder.Header, "shortconv.l_cache"));
}
