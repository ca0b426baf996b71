using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Step 3.5: optional norms of query and key heads and optional gates of attention's heads, windowed layers with angles of their own,
/// limits of the gated units of some layers, and shared and routed experts in the layers that have a router.
/// </summary>
internal sealed class Step35Family : TransformerFamily
{
    private const float NoLimit = 1e-6f;

    public override IReadOnlyList<string> Architectures { get; } = ["step35"];

    protected override void AddRopes(ModelBuilder builder)
    {
        // Layers that see everything rotate half of what the header says; the file's divisors are for the longest table.
        RopeConfig rope = builder.Config.Rope;
        int dimensions = builder.Header.OptionalCount("rope.dimension_count_swa", minimum: 0, maximum: builder.Config.KeyLength) ?? rope.DimensionCount;
        bool anyWindow = Enumerable.Range(0, builder.Config.LayerCount).Any(layer => IsWindowed(builder, layer));
        builder.AddRope(rope with { DimensionCount = rope.DimensionCount / 4 * 2 }, factors: anyWindow ? dimensions / 2 : 0);
        builder.AddRope(WindowedRope(builder) with { DimensionCount = dimensions / 2 * 2 }, useFactors: false);
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        Ignore(builder, layer, "attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_qkv.bias");
        bool windowed = IsWindowed(builder, layer);
        Activation shared = Limited(builder, "swiglu_clamp_shexp", layer);
        return description with
        {
            Attention = description.Attention with
            {
                Pairing = RopePairing.Split,
                Rope = windowed ? 1 : 0,
                Window = windowed ? builder.Config.SlidingWindow : 0,
                Norm = QueryKeyNorm.Head,
                NormIsOptional = true,
                Gate = builder.Weights.Has($"blk.{layer}.attn_gate.weight") ? AttentionGate.PerHead : AttentionGate.None,
            },
            FeedForward = new FeedForwardDescription { Width = builder.Config.FeedForwardLengths[layer], Activation = shared },
            Experts = HasRouter(builder, layer) ? Experts(builder, layer, shared) : null,
        };
    }

    private static ExpertsDescription Experts(ModelBuilder builder, int layer, Activation shared)
    {
        ExpertsDescription experts = ExpertsReader.Read(builder.Header, builder.Header.Count("expert_feed_forward_length"), ExpertGating.Sigmoid);
        return experts with
        {
            SharedWidth = builder.Header.Count("expert_shared_feed_forward_length"),
            SharedActivation = shared,
            Routing = experts.Routing with { Activation = Limited(builder, "swiglu_clamp_exp", layer) },
        };
    }

    private static bool IsWindowed(ModelBuilder builder, int layer) =>
        builder.Header.OptionalFlags("attention.sliding_window_pattern", builder.Config.LayerCount) is { } windowed && windowed[layer];

    private static Activation Limited(ModelBuilder builder, string entry, int layer)
    {
        float limit = builder.Header.OptionalNumber(entry, layer, 0, 1e6) ?? 0;
        return Activation.Silu with { OutputLimit = limit > NoLimit ? limit : 0 };
    }
}
