using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>MiniMax M2: norms over whole queries and keys, a part of each head rotated, and experts.</summary>
internal sealed class MiniMaxM2Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["minimax-m2"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        Ignore(builder, layer, "attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_qkv.bias");
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Vector },
            Experts = ExpertsReader.Read(builder.Header, builder.Config.FeedForwardLengths[layer], ExpertGating.Sigmoid, normalize: true),
        };
    }
}
