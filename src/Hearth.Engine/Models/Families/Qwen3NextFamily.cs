using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;
using Hearth.Kernels.Scan;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Qwen3-Next and Qwen 3.5: gated delta nets with gated attention in every n-th layer, dense or with shared and routed experts.
/// </summary>
internal sealed class Qwen3NextFamily : HybridFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["qwen35", "qwen35moe", "qwen3next"];

    protected override bool IsRecurrent(ModelBuilder builder, int layer) => DeltaNetConfig.IsRecurrent(builder, layer);

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        foreach (string name in (string[])["q", "k", "v"])
        {
            builder.Weights.Ignore($"blk.{layer}.attn_{name}.bias");
        }

        return description with
        {
            FeedForwardNorm = "post_attention_norm",
            Attention = description.Attention with
            {
                Pairing = RopePairing.Split,
                Norm = QueryKeyNorm.Head,
                Gate = AttentionGate.InQuery,
            },
            FeedForward = new FeedForwardDescription { Width = builder.Config.FeedForwardLengths[0] },
            Experts = builder.Config.Architecture == "qwen35" ? null : Experts(builder, layer),
        };
    }

    protected override Block RecurrentMixer(ModelBuilder builder, int layer)
    {
        KeyHeadOrder order = builder.Config.Architecture == "qwen3next" ? KeyHeadOrder.Interleaved : KeyHeadOrder.Tiled;
        return new GatedDeltaBlock(builder, layer, DeltaNetConfig.Read(builder.Header, order));
    }

    private static ExpertsDescription Experts(ModelBuilder builder, int layer)
    {
        ConfigReader header = builder.Header;
        int dense = builder.Config.FeedForwardLengths[layer];
        int width = header.OptionalCount("expert_feed_forward_length", minimum: 0) ?? 0;
        int shared = header.OptionalCount("expert_shared_feed_forward_length", minimum: 0) ?? 0;
        ExpertsDescription experts = StandardExperts(builder)
            ?? throw ModelException.InvalidMetadata($"{header.Architecture}.expert_count", "0", "at least 1");
        return experts with
        {
            Width = width > 0 ? width : builder.Config.FeedForwardLengths[0] / builder.Config.ExpertUsedCount,
            SharedWidth = shared > 0 ? shared : dense,
            SharedGate = true,
            Routing = experts.Routing with { WeightScale = 1 },
        };
    }
}
