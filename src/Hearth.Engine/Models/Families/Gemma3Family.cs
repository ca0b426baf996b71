using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// The text side of Gemma 3: Gemma 2 with norms of queries and keys instead of soft caps, five windowed layers for each full one, and
/// rotary angles of their own for the windowed ones.
/// </summary>
internal class Gemma3Family : Gemma2Family
{
    private const int LayersOf27B = 62;

    public override IReadOnlyList<string> Architectures { get; } = ["gemma3"];

    protected override int LayersOfLargest => LayersOf27B;

    protected override ModelDescription Describe(ModelBuilder builder) =>
        base.Describe(builder) with { LogitSoftCap = builder.Header.OptionalNumber("final_logit_softcapping", 0, 1e6) ?? 0 };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int window = Window(builder, layer, period: 6);
        return description with
        {
            Attention = description.Attention with { Norm = QueryKeyNorm.Head, SoftCap = 0, Window = window, Rope = window > 0 ? 1 : 0 },
        };
    }

    protected override void AddRopes(ModelBuilder builder)
    {
        builder.AddRope(builder.Config.Rope, useFactors: false);
        builder.AddRope(WindowedRope(builder), useFactors: false);
    }
}
