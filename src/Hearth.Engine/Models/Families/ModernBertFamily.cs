using Hearth.Engine.Devices;
using Hearth.Engine.Embedding;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Activation;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// ModernBERT (arXiv:2412.13663): norms in front, rotary positions, and two of three layers see a window around each token.
/// </summary>
internal sealed class ModernBertFamily : TransformerFamily
{
    private const int Period = 3;

    public override IReadOnlyList<string> Architectures { get; } = ["modern-bert"];

    protected override ModelDescription Describe(ModelBuilder builder) => new()
    {
        EmbeddingNorm = NormKind.Layer,
        OutputNorm = NormKind.Layer,
        HasHead = false,
        Rank = new RankDescription { Pooling = PoolingKind.Mean, Activation = ActivationKind.Gelu },
    };

    protected override void AddRopes(ModelBuilder builder)
    {
        RopeConfig rope = builder.Config.Rope;
        builder.AddRope(rope);
        builder.AddRope(WindowedRope(builder, rope.FrequencyBase));
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int window = Window(builder, layer, Period, fullFirst: true);
        return description with
        {
            Norm = NormKind.Layer,
            MixerNorm = layer > 0 || builder.Weights.Has("blk.0.attn_norm.weight") ? "attn_norm" : null,
            Attention = description.Attention with
            {
                Pairing = RopePairing.Split,
                Rope = window > 0 ? 1 : 0,
                Window = window,
            },
            FeedForward = new FeedForwardDescription
            {
                Width = builder.Config.FeedForwardLengths[layer],
                Gate = GateKind.Fused,
                Activation = ReadActivation(builder.Header),
            },
            Experts = null,
        };
    }

    private static Activation ReadActivation(ConfigReader header) => header.OptionalText("hidden_activation") switch
    {
        null or "gelu" or "geglu" or "gelu_new" or "gelu_pytorch_tanh" => Activation.Gelu,
        "silu" or "swiglu" or "swish" => Activation.Silu,
        "relu" or "reglu" => new Activation(ActivationKind.Relu),
        string other => throw ModelException.UnsupportedFeature(header.Architecture, $"the activation '{other}'"),
    };
}
