using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// StableLM: layer norms, halves of a part of each head as rotary pairs, optional norms of queries and keys; layers without a second norm
/// are parallel.
/// </summary>
internal sealed class StableLmFamily : LayerNormFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["stablelm"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        bool sequential = builder.Weights.Has($"blk.{layer}.ffn_norm.weight");
        return description with
        {
            Layout = sequential ? LayerLayout.Sequential : LayerLayout.Parallel,
            FeedForwardNorm = sequential ? "ffn_norm" : null,
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.HeadLayer, NormIsOptional = true },
        };
    }
}
