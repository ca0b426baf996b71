using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models.Families;

/// <summary>
/// MPT: layer norms, linear biases or learned positions, clamped queries, keys and values, optional norms of queries and keys, plain
/// networks.
/// </summary>
internal sealed class MptFamily : LayerNormFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["mpt"];

    protected override ModelDescription Describe(ModelBuilder builder) =>
        base.Describe(builder) with { LearnedPositions = builder.Weights.Has("position_embd.weight") };

    protected override void AddRopes(ModelBuilder builder)
    {
    }

    protected override LayerDescription Describe(ModelBuilder builder, int layer)
    {
        LayerDescription description = base.Describe(builder, layer);
        bool normalizes = builder.Weights.Has($"blk.{layer}.attn_q_norm.weight");
        if (!normalizes)
        {
            // Keys are normalised together with queries only.
            builder.Weights.Ignore($"blk.{layer}.attn_k_norm.weight");
            builder.Weights.Ignore($"blk.{layer}.attn_k_norm.bias");
        }

        return description with
        {
            Attention = description.Attention with
            {
                Pairing = null,
                AlibiMaxBias = builder.Header.OptionalNumber("attention.max_alibi_bias", 0, 1e6) ?? 0,
                Clamp = builder.Header.OptionalNumber("attention.clamp_kqv", 0, 1e6) ?? 0,
                Norm = normalizes ? QueryKeyNorm.VectorLayer : QueryKeyNorm.None,
            },
            FeedForward = Plain(builder, layer, Activation.Gelu) with { ActivationScales = true },
        };
    }
}
