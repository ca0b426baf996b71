using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// EXAONE 4: norms after each block instead of in front, and of queries and keys. The large model has a window in three of four layers and
/// no positions in the others.
/// </summary>
internal sealed class Exaone4Family : TransformerFamily
{
    private const int LayersOf32B = 64;

    public override IReadOnlyList<string> Architectures { get; } = ["exaone4"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        bool hasWindows = builder.Config.LayerCount == LayersOf32B;
        int window = hasWindows ? Window(builder, layer, period: 4, defaultWindow: 4096) : 0;
        return WithPostNorms(description) with
        {
            MixerNorm = null,
            FeedForwardNorm = null,
            Attention = description.Attention with
            {
                Pairing = hasWindows && window == 0 ? null : RopePairing.Split,
                Norm = QueryKeyNorm.Head,
                Window = window,
            },
        };
    }
}
