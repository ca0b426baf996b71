using System.Text;
using Hearth.Engine.Gguf;

namespace Hearth.Tests;

/// <summary>
/// Writes small BERT models whose weights come from integers: the same bytes on every machine. Any lower-case text has tokens.
/// </summary>
internal static class TinyBert
{
    public const int EmbeddingLength = 32;
    public const int ContextLength = 64;
    public const int Separator = 3;
    private const int Layers = 2;
    private const int FeedForward = 48;
    private const string Characters = "abcdefghijklmnopqrstuvwxyz0123456789.,?!";
    private static readonly string[] s_special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Every token: markers, then each character as the beginning of a word and as what follows in one.</summary>
    public static IReadOnlyList<string> Tokens { get; } =
        [.. s_special, .. Characters.Select(character => $"\u2581{character}"), .. Characters.Select(character => $"{character}")];

    /// <summary>A model that embeds, by the mean.</summary>
    public static string WriteEmbedder(string path, string? pairTemplate = null) => Write(path, pooling: 1, pairTemplate);

    /// <summary>A model with a classifier.</summary>
    public static string WriteReranker(string path, string? pairTemplate = null) => Write(path, pooling: 4, pairTemplate);

    private static string Write(string path, int pooling, string? pairTemplate)
    {
        GgufWriter writer = new();
        writer.Set("general.architecture", "bert").Set("general.name", "tiny");
        writer.Set("bert.context_length", (uint)ContextLength).Set("bert.embedding_length", (uint)EmbeddingLength).Set("bert.block_count", (uint)Layers);
        writer.Set("bert.feed_forward_length", (uint)FeedForward).Set("bert.attention.head_count", 4u).Set("bert.attention.layer_norm_epsilon", 1e-12f);
        writer.Set("bert.attention.causal", false).Set("bert.pooling_type", (uint)pooling);
        writer.Set("tokenizer.ggml.model", "bert").Set("tokenizer.ggml.pre", "default").Set("tokenizer.ggml.token_type_count", 2u);
        writer.Set("tokenizer.ggml.tokens", Tokens.ToArray());
        writer.Set("tokenizer.ggml.token_type", Tokens.Select(token => token[0] == '[' ? 3 : 1).ToArray());
        writer.Set("tokenizer.ggml.unknown_token_id", 1u).Set("tokenizer.ggml.cls_token_id", 2u).Set("tokenizer.ggml.seperator_token_id", (uint)Separator);
        writer.Set("tokenizer.ggml.padding_token_id", 0u).Set("tokenizer.ggml.mask_token_id", 4u);
        if (pairTemplate is not null)
        {
            writer.Set("tokenizer.chat_template.rerank", pairTemplate);
        }

        Add(writer, "token_embd.weight", EmbeddingLength, Tokens.Count);
        Add(writer, "token_types.weight", EmbeddingLength, 2);
        Add(writer, "position_embd.weight", EmbeddingLength, ContextLength);
        AddNorm(writer, "token_embd_norm");
        for (int layer = 0; layer < Layers; layer++)
        {
            string prefix = $"blk.{layer}.";
            foreach (string name in (string[])["attn_q", "attn_k", "attn_v", "attn_output"])
            {
                AddLinear(writer, prefix + name, EmbeddingLength, EmbeddingLength);
            }

            AddNorm(writer, prefix + "attn_output_norm");
            AddLinear(writer, prefix + "ffn_up", EmbeddingLength, FeedForward);
            AddLinear(writer, prefix + "ffn_down", FeedForward, EmbeddingLength);
            AddNorm(writer, prefix + "layer_output_norm");
        }

        if (pooling == 4)
        {
            AddLinear(writer, "cls", EmbeddingLength, EmbeddingLength);
            AddLinear(writer, "cls.output", EmbeddingLength, 1);
        }

        writer.Save(path);
        return path;
    }

    private static void AddLinear(GgufWriter writer, string name, int columns, int rows)
    {
        Add(writer, name + ".weight", columns, rows);
        writer.Add(name + ".bias", [rows], Values(name + ".bias", rows, 0, 0.2));
    }

    private static void AddNorm(GgufWriter writer, string name)
    {
        writer.Add(name + ".weight", [EmbeddingLength], Values(name + ".weight", EmbeddingLength, 1, 0.2));
        writer.Add(name + ".bias", [EmbeddingLength], Values(name + ".bias", EmbeddingLength, 0, 0.2));
    }

    private static void Add(GgufWriter writer, string name, int columns, int rows)
    {
        // Uniform values in +-sqrt(3 / n) keep a product's variance; embeddings and sharper attention are larger.
        double range = name.Contains("embd", StringComparison.Ordinal) || name.Contains("types", StringComparison.Ordinal) ? 0.7 : Math.Sqrt(3.0 / columns);
        range *= name.Contains("attn_q", StringComparison.Ordinal) || name.Contains("attn_k", StringComparison.Ordinal) ? 1.5 : 1;
        writer.Add(name, [columns, rows], Values(name, columns * rows, 0, range));
    }

    // A multiplicative congruential generator (Lehmer; Park and Miller 1988), seeded by the name.
    private static float[] Values(string name, int count, double center, double range)
    {
        const long Modulus = int.MaxValue;
        long state = 1;
        foreach (byte value in Encoding.UTF8.GetBytes(name))
        {
            state = ((state * 257) + value) % Modulus;
        }

        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            state = state * 48271 % Modulus;
            values[i] = (float)(center + (range * ((state * 2.0 / Modulus) - 1)));
        }

        return values;
    }
}
