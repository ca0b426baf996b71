using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// EuroBERT (arXiv:2503.05500) and NeoBERT (arXiv:2502.19587): encoders of Llama's blocks; NeoBERT fuses gate and up, and rotates
/// neighbours.
/// </summary>
internal sealed class EncoderFamily : TransformerFamily
{
    private const string NeoBert = "neo-bert";

    public override IReadOnlyList<string> Architectures { get; } = ["eurobert", NeoBert];

    protected override ModelDescription Describe(ModelBuilder builder) => new()
    {
        HasHead = false,
        OutputNormName = builder.Config.Architecture == NeoBert ? "enc.output_norm" : "output_norm",
    };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        bool fused = builder.Config.Architecture == NeoBert;
        return description with
        {
            Attention = description.Attention with { Pairing = fused ? RopePairing.Adjacent : RopePairing.Split },
            FeedForward = new FeedForwardDescription
            {
                Width = builder.Config.FeedForwardLengths[layer],
                Gate = fused ? GateKind.Fused : GateKind.Separate,
            },
            Experts = null,
        };
    }
}
