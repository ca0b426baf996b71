using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Activation;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// gpt-oss: attention with sinks, every other layer windowed, biases everywhere and experts with clamped gates (gpt-oss model card,
/// 2025).
/// </summary>
internal sealed class GptOssFamily : TransformerFamily
{
    private const float ClampLimit = 7;

    public override IReadOnlyList<string> Architectures { get; } = ["gpt-oss"];

    protected override void AddRopes(ModelBuilder builder)
    {
        RopeConfig rope = builder.Config.Rope;
        builder.AddRope(rope);
        builder.AddRope(WindowedRope(builder, rope.FrequencyBase) with { Scaling = rope.Scaling });
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int window = Window(builder, layer, period: 2);
        ExpertsDescription experts = ExpertsReader.Read(builder.Header, builder.Header.Count("expert_feed_forward_length"), ExpertGating.SelectedSoftmax);
        return description with
        {
            FeedForwardNorm = "post_attention_norm",
            Attention = description.Attention with
            {
                Pairing = RopePairing.Split,
                Rope = window > 0 ? 1 : 0,
                Window = window,
            },
            Experts = experts with { Routing = experts.Routing with { Activation = new Activation(ActivationKind.Silu, ClampLimit) } },
        };
    }
}
