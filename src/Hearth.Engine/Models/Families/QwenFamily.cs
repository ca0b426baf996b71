using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Qwen 1: Llama with halves as rotary pairs; the header states the width of the networks twice as large as it is.</summary>
internal sealed class QwenFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["qwen"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split },
            FeedForward = description.FeedForward! with { Width = builder.Config.FeedForwardLengths[layer] / 2 },
        };
    }
}
