using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Command A+: parallel blocks, windowed layers with rotary positions, and the mean of shared and routed experts.</summary>
internal sealed class Cohere2MoeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["cohere2moe"];

    protected override ModelDescription Describe(ModelBuilder builder) => new()
    {
        OutputNorm = Norm(builder),
        LogitScale = builder.Header.Number("logit_scale", -1e6, 1e6) is float scale and not 0 ? scale : 1,
    };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int window = Window(builder, layer, period: 4, fullFirst: true);
        bool dense = layer < DenseLayers(builder);
        return description with
        {
            Norm = Norm(builder),
            Layout = LayerLayout.Parallel,
            FeedForwardNorm = null,
            Attention = description.Attention with
            {
                Pairing = window > 0 || dense ? RopePairing.Adjacent : null,
                Window = window,
            },
            Experts = dense ? null : Experts(builder),
        };
    }

    protected override Block FeedForward(ModelBuilder builder, int layer, LayerDescription description)
    {
        Block block = base.FeedForward(builder, layer, description);
        return description.Experts is { SharedWidth: > 0 } ? new SumBlock(builder, [block], 0.5f) : block;
    }

    private static NormKind Norm(ModelBuilder builder) =>
        builder.Header.OptionalNumber("attention.layer_norm_rms_epsilon", 0, 1) is null or 0 ? NormKind.Layer : NormKind.RootMeanSquare;

    private static ExpertsDescription Experts(ModelBuilder builder)
    {
        ExpertsDescription experts = SharedAndRoutedExperts(builder, ExpertGating.Sigmoid);
        int shared = builder.Header.OptionalCount("expert_shared_feed_forward_length", minimum: 0) ?? 0;
        return experts with { SharedWidth = experts.SharedWidth > 0 && shared > 0 ? shared : experts.SharedWidth };
    }
}
