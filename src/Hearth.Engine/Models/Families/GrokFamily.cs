using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Grok 1 and 2: capped attention scores, norms before and after each block, and experts beside an optional dense network.
/// </summary>
internal sealed class GrokFamily : TransformerFamily
{
    private static readonly float s_half = MathF.Sqrt(0.5f);

    public override IReadOnlyList<string> Architectures { get; } = ["grok"];

    public override ModelConfig ReadConfig(ConfigReader reader)
    {
        ModelConfig config = base.ReadConfig(reader);
        return config with
        {
            AttentionScale = reader.OptionalNumber("attention.output_scale", -1e6, 1e6) ?? 0.08838834764831845f,
            Rope = config.Rope with
            {
                BetaFast = reader.OptionalNumber("rope.scaling.yarn_beta_fast", 0, 1e6) ?? 8,
            },
        };
    }

    protected override ModelDescription Describe(ModelBuilder builder) => new()
    {
        EmbeddingScale = builder.Header.OptionalNumber("embedding_scale", -1e6, 1e6) ?? 78.38367176906169f,
        LogitScale = builder.Header.OptionalNumber("logit_scale", -1e6, 1e6) ?? 0.5773502691896257f,
        LogitSoftCap = builder.Header.OptionalNumber("final_logit_softcapping", 0, 1e6) ?? 0,
    };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        bool oldName = builder.Weights.Has($"blk.{layer}.layer_output_norm.weight");
        return description with
        {
            MixerPostNorm = "attn_output_norm",
            FeedForwardPostNorm = oldName ? "layer_output_norm" : "post_ffw_norm",
            Attention = description.Attention with
            {
                Pairing = RopePairing.Split,
                SoftCap = builder.Header.OptionalNumber("attn_logit_softcapping", 0, 1e6) ?? 30,
            },
        };
    }

    protected override Block FeedForward(ModelBuilder builder, int layer, LayerDescription description)
    {
        int dense = builder.Config.FeedForwardLengths[layer];
        ExpertsDescription read = ExpertsReader.Read(builder.Header, ExpertsReader.OptionalWidth(builder.Header) ?? dense, normalize: true);
        ExpertsBlock experts = new(builder, layer, read with
        {
            Gated = builder.Weights.Has($"blk.{layer}.ffn_gate_exps.weight"),
            Routing = read.Routing with { Activation = Activation.Gelu },
        });
        return builder.Weights.Has($"blk.{layer}.ffn_up.weight")
            ? new SumBlock(builder, [experts, new FeedForwardBlock(builder, layer, new FeedForwardDescription { Width = dense, Activation = Activation.Gelu })], s_half)
            : experts;
    }
}
