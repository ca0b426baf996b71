using System.Globalization;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Conversion.Architectures;

/// <summary>What a mapping reads, and what it says of the model.</summary>
internal sealed class MappingContext(string architecture, HuggingFaceConfig config, GgufWriter writer, List<string> notes)
{
    /// <summary>The value of <c>general.architecture</c>.</summary>
    public string Architecture => architecture;

    /// <summary>The model's <c>config.json</c>.</summary>
    public HuggingFaceConfig Config => config;

    /// <summary>The rotary entries.</summary>
    public RopeParameters Rope { get; } = RopeParameters.Read(config);

    /// <summary>Tensors of 32-bit floats that are computed from the configuration.</summary>
    public List<(string Name, float[] Values)> Extra { get; } = [];

    /// <summary>Query heads.</summary>
    public long HeadCount => config.Integer("num_attention_heads", maximum: 65_536);

    /// <summary>Heads of keys and values.</summary>
    public long KeyValueHeadCount => config.OptionalInteger("num_key_value_heads", maximum: 65_536) ?? HeadCount;

    /// <summary>Elements of a head.</summary>
    public long HeadLength => config.OptionalInteger("head_dim", maximum: 65_536) ?? EmbeddingLength / HeadCount;

    /// <summary>Elements of a token's row.</summary>
    public long EmbeddingLength => config.Integer("hidden_size");

    /// <summary>Layers.</summary>
    public int LayerCount => (int)config.Integer("num_hidden_layers", maximum: 4096);

    /// <summary>The context, in tokens.</summary>
    public long ContextLength => config.Integer("max_position_embeddings");

    /// <summary>Writes a count.</summary>
    public void Count(string key, long value) => writer.Set($"{architecture}.{key}", (uint)value);

    /// <summary>Writes a number.</summary>
    public void Number(string key, double value) => writer.Set($"{architecture}.{key}", (float)value);

    /// <summary>Writes a text.</summary>
    public void Text(string key, string value) => writer.Set($"{architecture}.{key}", value);

    /// <summary>Says something that the user should know of the result.</summary>
    public void Note(string text) => notes.Add(text);

    /// <summary>Says that a window has no place in files of the architecture.</summary>
    public void NoteWindow(long window) => Note(
        $"The sliding window of {window} tokens is left out, because GGUF files of this architecture have none: beyond it answers differ.");

    /// <summary>Writes the shape of the layers, which all architectures share.</summary>
    public void DescribeLayers()
    {
        Count("block_count", LayerCount);
        Count("context_length", ContextLength);
        Count("embedding_length", EmbeddingLength);
        Count("feed_forward_length", config.Integer("intermediate_size"));
        Count("attention.head_count", HeadCount);
        Count("attention.head_count_kv", KeyValueHeadCount);
        Number("attention.layer_norm_rms_epsilon", config.Number("rms_norm_eps"));
        if (config.OptionalInteger("head_dim") is long length)
        {
            Count("attention.key_length", length);
            Count("attention.value_length", length);
        }
    }

    /// <summary>Writes the frequency base, and a scaling that needs no tensors.</summary>
    public void DescribeRope()
    {
        if (Rope.Theta is double theta)
        {
            Number("rope.freq_base", theta);
        }

        if (Rope.PartialFactor != 1)
        {
            throw ConversionException.UnsupportedSetting(
                "partial_rotary_factor",
                $"is {Rope.PartialFactor.ToString(CultureInfo.InvariantCulture)}, which this architecture cannot be: 1");
        }

        switch (Rope.Type)
        {
            case "default":
                break;
            case "linear":
                Text("rope.scaling.type", "linear");
                Number("rope.scaling.factor", Rope.Number("factor"));
                break;
            case "yarn":
                DescribeYarn();
                break;
            default:
                throw Rope.Unsupported(architecture);
        }
    }

    private void DescribeYarn()
    {
        Text("rope.scaling.type", "yarn");
        Number("rope.scaling.factor", Rope.Number("factor"));
        Count("rope.scaling.original_context_length", Rope.OriginalContext ?? ContextLength);
        foreach ((string from, string to) in (ReadOnlySpan<(string, string)>)
            [("extrapolation_factor", "ext_factor"), ("attention_factor", "attn_factor"), ("attn_factor", "attn_factor"),
                ("beta_fast", "beta_fast"), ("beta_slow", "beta_slow")])
        {
            if (Rope.Find(from) is ConfigNode value)
            {
                Number($"rope.scaling.yarn_{to}", value.AsNumber());
            }
        }
    }
}
