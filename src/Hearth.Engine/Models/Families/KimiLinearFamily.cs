using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Scan;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Kimi Linear (arXiv:2510.26692): Kimi Delta Attention and latent attention without positions layer by layer, then shared and routed
/// experts.
/// </summary>
internal sealed class KimiLinearFamily : HybridFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["kimi-linear"];

    protected override void AddRopes(ModelBuilder builder)
    {
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            FeedForward = new FeedForwardDescription { Width = builder.Config.FeedForwardLengths[0] },
            Experts = layer < DenseLayers(builder) ? null : Experts(builder, layer),
        };
    }

    protected override Block Mixer(ModelBuilder builder, int layer, LayerDescription description) => IsRecurrent(builder, layer)
        ? RecurrentMixer(builder, layer)
        : new LatentAttentionBlock(builder, layer, LatentAttentionConfig.Read(builder, layer) with { Pairing = null });

    protected override Block RecurrentMixer(ModelBuilder builder, int layer)
    {
        int heads = builder.Config.HeadCounts[layer];
        foreach (string name in (string[])["q", "k", "v"])
        {
            builder.Weights.Ignore($"blk.{layer}.attn_{name}.bias");
        }

        int size = builder.Header.Count("kda.head_dim", maximum: GatedDeltaShape.MaxKeySize);
        return new KimiDeltaBlock(builder, layer, new DeltaNetShape(StateSpaceConfig.ReadKernel(builder.Header), heads, heads, size, KeyHeadOrder.Interleaved));
    }

    // A layer may come without shared experts.
    private static ExpertsDescription Experts(ModelBuilder builder, int layer)
    {
        ExpertsDescription experts = SharedAndRoutedExperts(builder, normalize: true);
        return builder.Weights.Has($"blk.{layer}.ffn_up_shexp.weight") ? experts with { SharedWidth = Math.Max(experts.Width, experts.SharedWidth) } : experts with { SharedWidth = 0 };
    }
}
