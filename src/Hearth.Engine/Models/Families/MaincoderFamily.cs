using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>Maincoder: Llama with norms of queries and keys after they were rotated.</summary>
internal sealed class MaincoderFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["maincoder"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { Norm = QueryKeyNorm.Head, NormAfterRope = true } };
    }
}
