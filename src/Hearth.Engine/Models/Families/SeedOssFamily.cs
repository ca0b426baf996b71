using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Seed-OSS: Llama with halves as rotary pairs, and another name for the second norm.</summary>
internal sealed class SeedOssFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["seed_oss"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            FeedForwardNorm = "post_attention_norm",
            Attention = description.Attention with { Pairing = RopePairing.Split },
        };
    }
}
