using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// PLaMo 3: a norm in front of and after each block and of queries and keys, the gate in the rows of the up projection, windows in seven of
/// eight layers.
/// </summary>
internal sealed class Plamo3Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["plamo3"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int window = Window(builder, layer, period: 8);
        return WithPostNorms(description) with
        {
            PostNormSuffix = "",
            Attention = description.Attention with
            {
                Pairing = RopePairing.Split,
                Norm = QueryKeyNorm.Head,
                Window = window,
                Rope = window > 0 ? 1 : 0,
            },
            FeedForward = description.FeedForward! with { Gate = GateKind.Fused },
        };
    }

    protected override void AddRopes(ModelBuilder builder)
    {
        builder.AddRope(builder.Config.Rope, useFactors: false);
        builder.AddRope(WindowedRope(builder), useFactors: false);
    }
}
