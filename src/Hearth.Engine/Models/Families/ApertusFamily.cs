using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// Apertus: Llama with norms of queries and keys, halves as rotary pairs, and xIELU with parameters of each layer instead of a gate.
/// </summary>
internal sealed class ApertusFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["apertus"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        builder.Weights.Ignore($"blk.{layer}.attn_q_norm.bias");
        builder.Weights.Ignore($"blk.{layer}.attn_k_norm.bias");
        LayerDescription description = base.Describe(builder, layer);
        float Parameter(string name) => builder.Header.CommonNumbers($"xielu.{name}", builder.Config.LayerCount)[layer];
        ExpandedIntegral unit = new(Parameter("alpha_n"), Parameter("alpha_p"), Parameter("beta"), Parameter("eps"));
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Head },
            FeedForward = description.FeedForward! with { Gate = GateKind.None, Activation = new Activation { ExpandedIntegral = unit } },
        };
    }
}
