using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// GLM 4 of 2025: a norm in front of and after each block, the gate in the rows of the up projection, rotary positions in a part of each
/// head.
/// </summary>
internal sealed class Glm4Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["glm4"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return WithPostNorms(description) with
        {
            Attention = description.Attention with { Pairing = HasSections(builder) ? RopePairing.Split : RopePairing.Adjacent },
            FeedForward = description.FeedForward! with { Gate = GateKind.Fused },
        };
    }
}
