using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>RWKV 6 and 7: time mixing and channel mixing, each with a shift to the token before.</summary>
internal sealed class RwkvFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["rwkv6", "rwkv7"];

    protected override ModelDescription Describe(ModelBuilder builder) => new() { EmbeddingNorm = NormKind.Layer, OutputNorm = NormKind.Layer };

    protected override void AddRopes(ModelBuilder builder)
    {
    }

    protected override IEnumerable<LayerStep> Layer(ModelBuilder builder, int layer)
    {
        bool is6 = builder.Config.Architecture == "rwkv6";
        int embedding = builder.Config.EmbeddingLength;
        Block timeMix = is6
            ? new Rwkv6TimeMixBlock(builder, layer, RwkvConfig.Read6(builder, hasNorm: true))
            : new Rwkv7TimeMixBlock(builder, layer, RwkvConfig.Read7(builder));
        Block channelMix = new RwkvChannelMixBlock(builder, layer, builder.Config.FeedForwardLengths[0], hasReceptance: is6);
        List<LayerStep> steps =
        [
            new ResidualStep(builder, builder.Norm($"blk.{layer}.attn_norm", NormKind.Layer, embedding), timeMix),
            new ResidualStep(builder, builder.Norm($"blk.{layer}.attn_norm_2", NormKind.Layer, embedding), channelMix),
        ];
        int period = is6 ? builder.Header.OptionalCount("rescale_every_n_layers", minimum: 0) ?? 0 : 0;
        if (period > 0 && (layer + 1) % period == 0)
        {
            steps.Add(new ScaleStep(0.5f));
        }

        return steps;
    }
}
