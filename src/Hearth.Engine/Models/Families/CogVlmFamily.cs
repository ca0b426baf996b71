using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// The text side of CogVLM: Llama with halves as rotary pairs. The second set of weights in each layer is for the rows of images.
/// </summary>
internal sealed class CogVlmFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["cogvlm"];

    protected override void AddRopes(ModelBuilder builder)
    {
        builder.Weights.Ignore("rope_freqs.weight");
        base.AddRopes(builder);
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        CheckImageWeights(builder, layer);
        return description with { Attention = description.Attention with { Pairing = RopePairing.Split } };
    }

    private static void CheckImageWeights(ModelBuilder builder, int layer)
    {
        ModelConfig config = builder.Config;
        int embedding = config.EmbeddingLength;
        int width = config.FeedForwardLengths[layer];
        int heads = config.HeadCounts[layer] * config.KeyLength;
        string prefix = $"blk.{layer}.vis_";
        builder.Weights.Matrix(prefix + "attn_qkv.weight", 3 * heads, embedding);
        builder.Weights.Matrix(prefix + "attn_output.weight", embedding, heads);
        builder.Weights.Matrix(prefix + "gate.weight", width, embedding);
        builder.Weights.Matrix(prefix + "up.weight", width, embedding);
        builder.Weights.Matrix(prefix + "down.weight", embedding, width);
    }
}
