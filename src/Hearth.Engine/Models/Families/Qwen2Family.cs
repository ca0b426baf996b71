using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Qwen 2 and the text side of Qwen 2 VL: Llama with halves as rotary pairs and biases on queries, keys and values.</summary>
internal sealed class Qwen2Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["qwen2", "qwen2vl"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with { Attention = description.Attention with { Pairing = RopePairing.Split } };
    }
}
