using Hearth.Engine.Devices;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// MiMo V2: windowed layers with a rotary base of their own, optional sinks, and experts in the layers that have a router.
/// </summary>
internal sealed class Mimo2Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["mimo2"];

    protected override void AddRopes(ModelBuilder builder)
    {
        base.AddRopes(builder);
        builder.AddRope(WindowedRope(builder));
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        Ignore(builder, layer, "attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_qkv.bias");
        IReadOnlyList<bool>? windowed = builder.Header.OptionalFlags("attention.sliding_window_pattern", builder.Config.LayerCount);
        int window = windowed is not null && windowed[layer] ? builder.Config.SlidingWindow : 0;
        bool sparse = HasRouter(builder, layer);
        return description with
        {
            Attention = description.Attention with
            {
                Pairing = RopePairing.Split,
                Rope = window > 0 ? 1 : 0,
                Window = window,
                ResultScale = builder.Header.OptionalNumber("attention.value_scale", -1e6, 1e6) is float scale and not 0 ? scale : 1,
            },
            Experts = sparse
                ? ExpertsReader.Read(builder.Header, builder.Header.Count("expert_feed_forward_length"), ExpertGating.Sigmoid, normalize: true)
                : null,
        };
    }
}
