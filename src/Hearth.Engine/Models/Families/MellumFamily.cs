using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Mellum 2: Qwen 3 with experts, whose windowed layers have angles without scaling.</summary>
internal sealed class MellumFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["mellum"];

    protected override void AddRopes(ModelBuilder builder)
    {
        base.AddRopes(builder);
        builder.AddRope(builder.Config.Rope with { Scaling = RopeScalingKind.None, AttentionFactor = 1 });
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int window = Window(builder, layer, period: 4);
        return description with
        {
            Attention = description.Attention with
            {
                Pairing = RopePairing.Split,
                Rope = window > 0 ? 1 : 0,
                Window = window,
                Norm = QueryKeyNorm.Head,
            },
            Experts = ExpertsReader.Read(builder.Header, builder.Header.Count("expert_feed_forward_length"), normalize: true),
        };
    }
}
