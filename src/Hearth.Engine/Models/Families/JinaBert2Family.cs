using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Jina BERT 2 (arXiv:2310.19923): BERT with linear biases for positions and gated networks, and in some files a second residual around
/// attention.
/// </summary>
internal sealed class JinaBert2Family : TransformerFamily
{
    private const float AlibiMaxBias = 8;

    public override IReadOnlyList<string> Architectures { get; } = ["jina-bert-v2"];

    protected override ModelDescription Describe(ModelBuilder builder) => new() { TokenTypes = true, EmbeddingNorm = NormKind.Layer, OutputNorm = null, HasHead = false };

    protected override void AddRopes(ModelBuilder builder)
    {
        // Positions are in the attention's biases.
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int width = builder.Config.FeedForwardLengths[layer];
        bool fused = builder.Weights.Rows($"blk.{layer}.ffn_up.weight") == 2L * width;
        GateKind gate = builder.Weights.Has($"blk.{layer}.ffn_gate.weight") ? GateKind.Separate : fused ? GateKind.Fused : GateKind.None;
        return description with
        {
            Norm = NormKind.Layer,
            Layout = LayerLayout.PostNorm,
            MixerNorm = null,
            MixerPostNorm = "attn_output_norm",
            MixerSecondPostNorm = builder.Weights.Has($"blk.{layer}.attn_norm_2.weight") ? "attn_norm_2" : null,
            FeedForwardNorm = null,
            FeedForwardPostNorm = "layer_output_norm",
            Attention = description.Attention with
            {
                Pairing = null,
                AlibiMaxBias = AlibiMaxBias,
                Norm = QueryKeyNorm.VectorLayer,
                NormIsOptional = true,
            },
            FeedForward = new FeedForwardDescription { Width = width, Gate = gate, Activation = Activation.Gelu },
            Experts = null,
        };
    }
}
