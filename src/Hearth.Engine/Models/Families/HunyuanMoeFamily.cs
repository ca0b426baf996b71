using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Rope;

namespace Hearth.Engine.Models.Families;

/// <summary>Hunyuan with experts: norms of query and key heads after their rotation, and a shared expert.</summary>
internal sealed class HunyuanMoeFamily : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["hunyuan-moe"];

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        int dense = builder.Config.FeedForwardLengths[layer];
        int shared = builder.Header.OptionalCount("expert_shared_feed_forward_length", minimum: 0) ?? 0;
        return description with
        {
            Attention = description.Attention with { Pairing = RopePairing.Split, Norm = QueryKeyNorm.Head, NormAfterRope = true },
            Experts = ExpertsReader.Read(builder.Header, dense, normalize: true) with { SharedWidth = shared > 0 ? shared : dense },
        };
    }
}
