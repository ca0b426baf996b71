using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>PLM: multi-head latent attention with direct queries, and plain networks with squared rectifiers.</summary>
internal sealed class PlmFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["plm"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer) => base.Describe(builder, layer) with
    {
        FeedForward = new FeedForwardDescription { Width = builder.Config.FeedForwardLengths[layer], Gate = GateKind.None, Activation = Activation.ReluSquared },
        Experts = null,
    };

    protected override Block Mixer(ModelBuilder builder, int layer, LayerDescription description) =>
        new LatentAttentionBlock(builder, layer, LatentAttentionConfig.Read(builder, layer));
}
