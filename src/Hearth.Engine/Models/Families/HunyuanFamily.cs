using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Hunyuan without experts and the text side of Hunyuan VL: halves as rotary pairs, then norms of queries and keys; a base that grows with
/// the context.
/// </summary>
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
}
