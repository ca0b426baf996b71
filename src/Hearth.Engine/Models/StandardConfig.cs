namespace Hearth.Engine.Models;

/// <summary>Reads the entries that most architectures share.</summary>
internal static class StandardConfig
{
    private const int MaxHeads = 4096;
    private const int MaxHeadLength = 65_536;

    /// <summary>Reads and checks them.</summary>
    /// <param name="reader">The header's entries.</param>
    /// <param name="defaultEpsilon">The epsilon of the norms when the header has none; null when it must.</param>
    /// <exception cref="ModelException">An entry is missing or makes no sense.</exception>
    public static ModelConfig Read(ConfigReader reader, float? defaultEpsilon = null)
    {
        int embedding = reader.Count("embedding_length");
        int blocks = reader.Count("block_count", maximum: 4096);
        int layers = blocks - (reader.OptionalCount("nextn_predict_layers", minimum: 0, maximum: blocks - 1) ?? 0);
        IReadOnlyList<int> heads = reader.OptionalCounts("attention.head_count", blocks, minimum: 0, maximum: MaxHeads) ?? new int[blocks];
        IReadOnlyList<int> keyValueHeads = reader.OptionalCounts("attention.head_count_kv", blocks, minimum: 0, maximum: MaxHeads) ?? heads;
        int headCount = heads[0] > 0 ? heads[0] : heads.Max();
        int defaultLength = headCount == 0 ? 0 : embedding / headCount;
        int keyLength = reader.OptionalCount("attention.key_length", maximum: MaxHeadLength) ?? defaultLength;
        CheckHeads(reader, heads, keyValueHeads, keyLength);
        int contextLength = reader.Count("context_length", maximum: int.MaxValue);
        int experts = reader.OptionalCount("expert_count", minimum: 0, maximum: 4096) ?? 0;
        return new ModelConfig
        {
            Architecture = reader.Architecture,
            ContextLength = contextLength,
            EmbeddingLength = embedding,
            LayerCount = layers,
            BlockCount = blocks,
            VocabularySize = reader.VocabularySize(),
            HeadCounts = heads,
            KeyValueHeadCounts = keyValueHeads,
            KeyLength = keyLength,
            ValueLength = reader.OptionalCount("attention.value_length", maximum: MaxHeadLength) ?? defaultLength,
            FeedForwardLengths = reader.OptionalCounts("feed_forward_length", blocks, minimum: 0) ?? new int[blocks],
            NormEpsilon = reader.OptionalNumber("attention.layer_norm_rms_epsilon", 0, 1)
                ?? reader.OptionalNumber("attention.layer_norm_epsilon", 0, 1)
                ?? defaultEpsilon
                ?? reader.Number("attention.layer_norm_rms_epsilon", 0, 1),
            Rope = RopeConfigReader.Read(reader, keyLength, contextLength),
            AttentionScale = keyLength == 0 ? 1 : (float)(1 / Math.Sqrt(keyLength)),
            SlidingWindow = reader.OptionalCount("attention.sliding_window", minimum: 0, maximum: int.MaxValue) ?? 0,
            ExpertCount = experts,
            ExpertUsedCount = experts == 0 ? 0 : reader.Count("expert_used_count", maximum: experts),
            Causal = reader.OptionalFlag("attention.causal") ?? true,
        };
    }

    private static void CheckHeads(ConfigReader reader, IReadOnlyList<int> heads, IReadOnlyList<int> keyValueHeads, int keyLength)
    {
        for (int layer = 0; layer < heads.Count; layer++)
        {
            if (heads[layer] > 0 && keyValueHeads[layer] > 0 && (keyLength == 0 || heads[layer] % keyValueHeads[layer] != 0))
            {
                throw ModelException.InvalidMetadata(
                    $"{reader.Architecture}.attention.head_count",
                    $"{heads[layer]} heads of {keyLength} over {keyValueHeads[layer]} in layer {layer}",
                    "a multiple of attention.head_count_kv, at most embedding_length");
            }
        }
    }
}
