using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models;

/// <summary>Reads the entries of multi-head latent attention.</summary>
internal static class LatentAttentionConfig
{
    /// <summary>A layer's latent attention.</summary>
    /// <exception cref="ModelException">An entry is missing or makes no sense.</exception>
    public static LatentAttentionDescription Read(ModelBuilder builder, int layer)
    {
        ConfigReader header = builder.Header;
        int rope = builder.Config.Rope.DimensionCount;
        int keyLength = header.OptionalCount("attention.key_length_mla", minimum: 0, maximum: 65_536) is int key and not 0 ? key : builder.Config.KeyLength;
        int valueLength = header.OptionalCount("attention.value_length_mla", minimum: 0, maximum: 65_536) is int value and not 0 ? value : builder.Config.ValueLength;
        if (rope >= keyLength)
        {
            throw ModelException.InvalidMetadata($"{header.Architecture}.rope.dimension_count", $"{rope}", $"less than the {keyLength} elements of a query head");
        }

        return new LatentAttentionDescription
        {
            Heads = builder.Config.HeadCounts[layer],
            QueryRank = builder.Weights.Has($"blk.{layer}.attn_q_a.weight") ? header.Count("attention.q_lora_rank") : 0,
            Rank = header.Count("attention.kv_lora_rank"),
            KeyLength = keyLength,
            ValueLength = valueLength,
            RopeLength = rope,
            Scale = (float)(1 / Math.Sqrt(keyLength)),
        };
    }
}
