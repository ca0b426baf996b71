using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Activation;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// SmallThinker: the router reads what comes into the layer, so that experts can be fetched during attention (arXiv:2507.20984).
/// </summary>
internal sealed class SmallThinkerFamily : TransformerFamily
{
    private const int FixedWindow = 4096;
    private const int PositionPeriod = 4;

    public override IReadOnlyList<string> Architectures { get; } = ["smallthinker"];

    protected override void AddRopes(ModelBuilder builder)
    {
        RopeConfig rope = builder.Config.Rope;
        builder.AddRope(rope);
        builder.AddRope(WindowedRope(builder, rope.FrequencyBase) with { Scaling = rope.Scaling });
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int window = Window(builder, layer, period: 4, fullFirst: true);
        bool rotated = builder.Config.SlidingWindow == 0 || layer % PositionPeriod != 0;
        return description with
        {
            Attention = description.Attention with
            {
                Pairing = rotated ? RopePairing.Split : null,
                Rope = window > 0 ? 1 : 0,
                Window = window > 0 ? FixedWindow : 0,
            },
        };
    }

    protected override IEnumerable<LayerStep> Layer(ModelBuilder builder, int layer) =>
        base.Layer(builder, layer).Prepend(new RememberStep(Entered(builder)));

    protected override Block FeedForward(ModelBuilder builder, int layer, LayerDescription description)
    {
        int width = builder.Header.Count("expert_feed_forward_length");
        ExpertsDescription experts = ExpertsReader.Read(builder.Header, width, normalize: true);
        return new ExpertsBlock(
            builder, layer, experts with { Routing = experts.Routing with { Activation = new Activation(ActivationKind.Relu) } }, Entered(builder));
    }

    private static ScratchSlot Entered(ModelBuilder builder) => builder.Scratch.Reserve("entered", builder.Config.EmbeddingLength);
}
