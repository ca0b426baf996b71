using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>Transformers whose attention became RWKV 6 or 7 (QRWKV, ARWKV): their norms and networks stayed.</summary>
internal sealed class RwkvHybridFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["arwkv7", "rwkv6qwen2"];

    protected override void AddRopes(ModelBuilder builder)
    {
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer) =>
        base.Describe(builder, layer) with { FeedForward = new FeedForwardDescription { Width = builder.Config.FeedForwardLengths[0] }, Experts = null };

    protected override Block Mixer(ModelBuilder builder, int layer, LayerDescription description) => builder.Config.Architecture == "rwkv6qwen2"
        ? new Rwkv6TimeMixBlock(builder, layer, RwkvConfig.Read6(builder, hasNorm: false))
        : new Rwkv7TimeMixBlock(builder, layer, RwkvConfig.Read7(builder));
}
