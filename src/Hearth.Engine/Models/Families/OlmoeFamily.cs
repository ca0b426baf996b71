using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>OLMoE: norms over whole queries and keys, and experts whose weights keep their sum.</summary>
internal sealed class OlmoeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["olmoe"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        Ignore(builder, layer, "attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_qkv.bias");
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Vector },
            Experts = ExpertsReader.Read(builder.Header, builder.Config.FeedForwardLengths[layer]),
        };
    }
}
