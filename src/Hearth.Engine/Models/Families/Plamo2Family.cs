using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>PLaMo 2: Mamba with heads and attention with normalised heads layer by layer, norms before and after each block.</summary>
internal sealed class Plamo2Family : HybridFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["plamo2"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            MixerPostNorm = "post_attention_norm",
            FeedForwardPostNorm = "post_ffw_norm",
            PostNormSuffix = "",
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.HeadWeights },
            FeedForward = new FeedForwardDescription { Width = builder.Config.FeedForwardLengths[0], Gate = GateKind.Fused },
            Experts = null,
        };
    }

    protected override Block RecurrentMixer(ModelBuilder builder, int layer)
    {
        StateSpaceConfig config = StateSpaceConfig.ReadMamba(builder.Header);
        if (builder.Header.OptionalCount("ssm.group_count", minimum: 0) is > 0 and int groups)
        {
            throw ModelException.UnsupportedFeature(builder.Config.Architecture, $"{groups} groups of state-space heads");
        }

        StateSpaceConfig.RequireDivisible(builder.Header, "ssm.inner_size", config.Inner, config.Rank, "heads (ssm.time_step_rank)");
        return new Plamo2MambaBlock(builder, layer, config);
    }
}
