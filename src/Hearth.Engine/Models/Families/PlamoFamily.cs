using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>PLaMo: attention and network side by side behind one norm, halves of whole heads as rotary pairs.</summary>
internal sealed class PlamoFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["plamo"];

    protected override void AddRopes(ModelBuilder builder) => builder.AddRope(builder.Config.Rope with { DimensionCount = builder.Config.KeyLength });

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Layout = LayerLayout.Parallel,
            FeedForwardNorm = null,
            Attention = description.Attention with { Pairing = RopePairing.Split },
        };
    }
}
