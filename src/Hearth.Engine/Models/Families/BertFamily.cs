using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// BERT (arXiv:1810.04805) and its relatives: layer norms after each residual addition. BERT learns its positions; Nomic's and Jina's third
/// rotate them.
/// </summary>
internal sealed class BertFamily : TransformerFamily
{
    private const string Bert = "bert";
    private const string NomicBert = "nomic-bert";

    public override IReadOnlyList<string> Architectures { get; } = [Bert, NomicBert, "nomic-bert-moe", "jina-bert-v3"];

    protected override ModelDescription Describe(ModelBuilder builder) => new()
    {
        LearnedPositions = builder.Config.Architecture == Bert,
        TokenTypes = true,
        EmbeddingNorm = NormKind.Layer,
        OutputNorm = null,
        HasHead = false,
    };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int period = builder.Header.OptionalCount("moe_every_n_layers", minimum: 0) ?? 0;
        bool gated = builder.Config.Architecture == NomicBert;
        foreach (string name in gated ? (string[])["up", "gate", "down"] : [])
        {
            // Nomic trained without them.
            builder.Weights.Ignore($"blk.{layer}.ffn_{name}.bias");
        }

        return description with
        {
            Norm = NormKind.Layer,
            Layout = LayerLayout.PostNorm,
            MixerNorm = null,
            MixerPostNorm = "attn_output_norm",
            FeedForwardNorm = null,
            FeedForwardPostNorm = "layer_output_norm",
            Attention = description.Attention with { Pairing = builder.Config.Architecture == Bert ? null : RopePairing.Split },
            FeedForward = new FeedForwardDescription
            {
                Width = builder.Config.FeedForwardLengths[layer],
                Gate = gated ? GateKind.Separate : GateKind.None,
                Activation = gated ? Activation.Silu : Activation.Gelu,
            },
            Experts = period == 0 || layer % period != 1 ? null : new ExpertsDescription
            {
                Count = builder.Config.ExpertCount,
                Width = builder.Config.FeedForwardLengths[layer],
                Gated = false,
                Routing = new ExpertRouting { ExpertsUsed = builder.Config.ExpertUsedCount, Activation = Activation.Gelu },
            },
        };
    }
}
