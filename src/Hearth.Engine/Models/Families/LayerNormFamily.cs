using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>What families with layer norms share.</summary>
internal abstract class LayerNormFamily : TransformerFamily
{
    protected override ModelDescription Describe(ModelBuilder builder) => new() { OutputNorm = NormKind.Layer };

    protected override LayerDescription Describe(ModelBuilder builder, int layer) => base.Describe(builder, layer) with { Norm = NormKind.Layer };

    /// <summary>A network without a gate.</summary>
    protected static FeedForwardDescription Plain(ModelBuilder builder, int layer, Activation activation) => new()
    {
        Width = builder.Config.FeedForwardLengths[layer],
        Gate = GateKind.None,
        Activation = activation,
    };
}
