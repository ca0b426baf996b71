using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Qwen 1.5 and 2 with experts: Qwen 2 whose shared experts have a gate.</summary>
internal sealed class Qwen2MoeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["qwen2moe"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int dense = builder.Config.FeedForwardLengths[layer];
        int shared = builder.Header.OptionalCount("expert_shared_feed_forward_length", minimum: 0) ?? 0;
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split },
            Experts = ExpertsReader.Read(builder.Header, ExpertsReader.WidthOrShare(builder.Header, dense)) with
            {
                SharedWidth = shared > 0 ? shared : dense,
                SharedGate = true,
            },
        };
    }
}
