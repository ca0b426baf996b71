using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models;

/// <summary>Reads the entries of RWKV.</summary>
internal static class RwkvConfig
{
    private const int MaxRank = 1 << 16;

    /// <summary>The sizes of RWKV-6.</summary>
    /// <param name="builder">The model in the making.</param>
    /// <param name="hasNorm">Whether each head's result is normalised.</param>
    /// <exception cref="ModelException">An entry is missing or makes no sense.</exception>
    public static Rwkv6Shape Read6(ModelBuilder builder, bool hasNorm)
    {
        ConfigReader header = builder.Header;
        int size = HeadSize(builder);
        int heads = builder.Config.EmbeddingLength / size;
        int keyValueHeads = builder.Config.KeyValueHeadCounts[0] is int count and not 0 ? count : heads;
        StateSpaceConfig.RequireDivisible(header, "embedding_length", builder.Config.EmbeddingLength, checked(size * keyValueHeads), "elements of all key and value heads");
        return new Rwkv6Shape(
            heads, keyValueHeads, size, header.Count("time_mix_extra_dim", maximum: MaxRank), header.Count("time_decay_extra_dim", maximum: MaxRank), hasNorm);
    }

    /// <summary>The sizes of RWKV-7.</summary>
    /// <exception cref="ModelException">An entry is missing or makes no sense.</exception>
    public static Rwkv7Shape Read7(ModelBuilder builder)
    {
        ConfigReader header = builder.Header;
        return new Rwkv7Shape(
            HeadSize(builder),
            header.Count("attention.decay_lora_rank", maximum: MaxRank),
            header.Count("attention.iclr_lora_rank", maximum: MaxRank),
            header.Count("attention.value_residual_mix_lora_rank", maximum: MaxRank),
            header.OptionalCount("attention.gate_lora_rank", minimum: 0, maximum: MaxRank) ?? 0);
    }

    private static int HeadSize(ModelBuilder builder)
    {
        int size = builder.Header.Count("wkv.head_size", maximum: builder.Config.EmbeddingLength);
        StateSpaceConfig.RequireDivisible(builder.Header, "embedding_length", builder.Config.EmbeddingLength, size, "elements of a head (wkv.head_size)");
        return size;
    }
}
