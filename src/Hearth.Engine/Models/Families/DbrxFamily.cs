using Hearth.Engine.Devices;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>DBRX: layer norms without biases, clamped queries, keys and values, and experts.</summary>
internal sealed class DbrxFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["dbrx"];

    protected override ModelDescription Describe(ModelBuilder builder) => new() { OutputNorm = NormKind.Layer };

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        return description with
        {
            Norm = NormKind.Layer,
            FeedForwardNorm = "attn_output_norm",
            Attention = description.Attention with
            {
                Pairing = RopePairing.Split,
                Clamp = builder.Header.Number("attention.clamp_kqv", 0, 1e6),
            },
            Experts = ExpertsReader.Read(builder.Header, builder.Config.FeedForwardLengths[layer], normalize: true),
        };
    }
}
