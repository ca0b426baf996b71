using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>Jamba (arXiv:2403.19887): Mamba and attention without positions, dense networks and experts, layer by layer.</summary>
internal sealed class JambaFamily : HybridFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["jamba"];

    protected override void AddRopes(ModelBuilder builder)
    {
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int width = builder.Config.FeedForwardLengths[0];
        return description with
        {
            Attention = description.Attention with { Pairing = null },
            FeedForward = new FeedForwardDescription { Width = width },
            Experts = description.Experts is ExpertsDescription experts && builder.Weights.Has($"blk.{layer}.ffn_gate_inp.weight")
                ? experts with { Width = width, Routing = experts.Routing with { NormalizeWeights = false, WeightScale = 1 } }
                : null,
        };
    }

    protected override Block RecurrentMixer(ModelBuilder builder, int layer) => new MambaBlock(builder, layer, StateSpaceConfig.ReadMamba(builder.Header));
}
