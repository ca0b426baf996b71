using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Nemotron-H: each layer is one block, Mamba-2, attention without positions, or a network without a gate, dense or of experts.
/// </summary>
internal sealed class NemotronHFamily : HybridFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["nemotron_h", "nemotron_h_moe"];

    protected override void AddRopes(ModelBuilder builder)
    {
    }

    protected override bool IsRecurrent(ModelBuilder builder, int layer) =>
        builder.Config.KeyValueHeadCounts[layer] == 0 && builder.Config.FeedForwardLengths[layer] == 0;

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        ConfigReader header = builder.Header;
        return new LayerDescription
        {
            Attention = StandardAttention(builder, layer) with { Pairing = null },
            FeedForward = new FeedForwardDescription
            {
                Width = builder.Config.FeedForwardLengths[layer],
                Gate = GateKind.None,
                Activation = Activation.ReluSquared,
            },
            Experts = builder.Config.ExpertCount == 0 ? null : new ExpertsDescription
            {
                Count = builder.Config.ExpertCount,
                Width = header.Count("expert_feed_forward_length"),
                Gated = false,
                SharedWidth = header.OptionalCount("expert_shared_feed_forward_length", minimum: 0) ?? 0,
                LatentWidth = LatentWidth(builder, layer),
                Routing = new ExpertRouting
                {
                    ExpertsUsed = builder.Config.ExpertUsedCount,
                    Gating = ExpertGating.Sigmoid,
                    NormalizeWeights = header.OptionalFlag("expert_weights_norm") ?? false,
                    WeightScale = header.OptionalNumber("expert_weights_scale", 0, 1e6) is float weightScale and not 0 ? weightScale : 1,
                    Activation = Activation.ReluSquared,
                },
            },
        };
    }

    protected override IEnumerable<LayerStep> Layer(ModelBuilder builder, int layer)
    {
        LayerDescription description = Describe(builder, layer);
        Normalization norm = builder.Norm($"blk.{layer}.attn_norm", NormKind.RootMeanSquare, builder.Config.EmbeddingLength);
        bool mixes = builder.Config.FeedForwardLengths[layer] == 0;
        return [new ResidualStep(builder, norm, mixes ? Mixer(builder, layer, description) : FeedForward(builder, layer, description))];
    }

    protected override Block RecurrentMixer(ModelBuilder builder, int layer) => new Mamba2Block(builder, layer, StateSpaceConfig.ReadHeads(builder.Header));

    private static int LatentWidth(ModelBuilder builder, int layer)
    {
        int width = builder.Header.OptionalCount("moe_latent_size", minimum: 0) ?? 0;
        return width > 0 || !builder.Weights.Has($"blk.{layer}.ffn_latent_down.weight") ? width : builder.Config.EmbeddingLength;
    }
}
