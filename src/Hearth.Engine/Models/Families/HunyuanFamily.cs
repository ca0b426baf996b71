using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Hunyuan without experts and the text side of Hunyuan VL: halves as rotary pairs, then norms of queries and keys; a base that grows with the context.</summary>
internal sealed class HunyuanFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["hunyuan-dense", "hunyuan_vl"];

    public override ModelConfig ReadConfig(ConfigReader reader)
    {
        ModelConfig config = base.ReadConfig(reader);

        // Converters write one expert for a dense network.
        return config.ExpertCount <= 1 ? config with { ExpertCount = 0, ExpertUsedCount = 0 } : throw ModelException.UnsupportedFeature(config.Architecture, "experts");
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Head, NormAfterRope = true } };
    }

    protected override void AddRopes(ModelBuilder builder)
    {
        // "NTK-aware" scaling: base * alpha^(d / (d - 2)).
        float alpha = builder.Header.OptionalNumber("rope.scaling.alpha", 0, 1e6) ?? 0;
        int length = builder.Config.KeyLength;
        RopeConfig rope = builder.Config.Rope;
        builder.AddRope(alpha > 0 && length > 2 ? rope with { FrequencyBase = rope.FrequencyBase * MathF.Pow(alpha, length / (float)(length - 2)) } : rope);
    }
}
