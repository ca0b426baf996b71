using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Phi 3.5 MoE: biases on norms and projections, LongRoPE, and experts.</summary>
internal sealed class PhimoeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["phimoe"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split },
            Experts = ExpertsReader.Read(builder.Header, builder.Config.FeedForwardLengths[layer], normalize: true),
        };
    }
}
