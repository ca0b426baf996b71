using System.Globalization;

namespace Hearth.Engine.Conversion.Architectures;

/// <summary>
/// Gemma, Gemma 2 and the text part of Gemma 3. Norms multiply with 1 + weight; the one is added here. Embeddings are tied.
/// </summary>
internal static class GemmaMapping
{
    private const string Layer = "model.layers.{layer}.";
    private const string Block = "blk.{layer}.";
    private const int Gemma2LargestLayers = 46;
    private const int Gemma3LargestLayers = 62;

    /// <summary>Gemma.</summary>
    public static ArchitectureMapping Gemma { get; } = new()
    {
        ModelTypes = ["gemma"],
        Architecture = "gemma",
        Tensors = [.. Common(), TensorRule.Weight(Layer + "post_attention_layernorm", Block + "ffn_norm", TensorTransform.AddOne)],
        Defaults = Defaults(("head_dim", 256), ("max_position_embeddings", 8192), ("rope_theta", 10_000)),
        SpacePrefix = false,
        IsAlwaysTied = true,
        Describe = context =>
        {
            RequireActivation(context);
            context.DescribeLayers();
            context.DescribeRope();
        },
    };

    /// <summary>Gemma 2: norms after the blocks too, soft caps, every other layer with a window.</summary>
    public static ArchitectureMapping Gemma2 { get; } = new()
    {
        ModelTypes = ["gemma2"],
        Architecture = "gemma2",
        Tensors = [.. Common(), .. PostNorms()],
        Defaults = Defaults(
            ("head_dim", 256), ("max_position_embeddings", 8192), ("rope_theta", 10_000), ("sliding_window", 4096),
            ("attn_logit_softcapping", 50), ("final_logit_softcapping", 30)),
        SpacePrefix = false,
        IsAlwaysTied = true,
        Describe = DescribeGemma2,
    };

    /// <summary>Gemma 3: the queries and keys of each head are normalised, five of six layers have a window.</summary>
    public static ArchitectureMapping Gemma3 { get; } = new()
    {
        ModelTypes = ["gemma3_text", "gemma3"],
        Architecture = "gemma3",
        Tensors =
        [
            .. Common(), .. PostNorms(),
            TensorRule.Weight(Layer + "self_attn.q_norm", Block + "attn_q_norm", TensorTransform.AddOne),
            TensorRule.Weight(Layer + "self_attn.k_norm", Block + "attn_k_norm", TensorTransform.AddOne),
        ],
        Defaults = Defaults(
            ("head_dim", 256), ("num_attention_heads", 8), ("num_key_value_heads", 4), ("max_position_embeddings", 131_072),
            ("rope_theta", 1_000_000), ("rope_local_base_freq", 10_000), ("sliding_window", 4096)),
        SpacePrefix = false,
        IsAlwaysTied = true,
        Describe = DescribeGemma3,
    };

    private static Dictionary<string, double> Defaults(params ReadOnlySpan<(string Key, double Value)> values)
    {
        Dictionary<string, double> defaults = new() { ["rms_norm_eps"] = 1e-6, ["tie_word_embeddings"] = 1 };
        foreach ((string key, double value) in values)
        {
            defaults[key] = value;
        }

        return defaults;
    }

    private static TensorRule[] Common() =>
    [
        TensorRule.Weight("model.embed_tokens", "token_embd"),
        TensorRule.Weight(Layer + "input_layernorm", Block + "attn_norm", TensorTransform.AddOne),
        TensorRule.Weight(Layer + "self_attn.q_proj", Block + "attn_q"),
        TensorRule.Weight(Layer + "self_attn.k_proj", Block + "attn_k"),
        TensorRule.Weight(Layer + "self_attn.v_proj", Block + "attn_v"),
        TensorRule.Weight(Layer + "self_attn.o_proj", Block + "attn_output"),
        TensorRule.Weight(Layer + "mlp.gate_proj", Block + "ffn_gate"),
        TensorRule.Weight(Layer + "mlp.up_proj", Block + "ffn_up"),
        TensorRule.Weight(Layer + "mlp.down_proj", Block + "ffn_down"),
        TensorRule.Weight("model.norm", "output_norm", TensorTransform.AddOne),
    ];

    private static TensorRule[] PostNorms() =>
    [
        TensorRule.Weight(Layer + "post_attention_layernorm", Block + "post_attention_norm", TensorTransform.AddOne),
        TensorRule.Weight(Layer + "pre_feedforward_layernorm", Block + "ffn_norm", TensorTransform.AddOne),
        TensorRule.Weight(Layer + "post_feedforward_layernorm", Block + "post_ffw_norm", TensorTransform.AddOne),
    ];

    // The first Gemma said 'gelu' and meant its approximation by tanh.
    private static void RequireActivation(MappingContext context)
    {
        context.Config.RequireText("hidden_act", "gelu", "gelu_pytorch_tanh");
        context.Config.RequireText("hidden_activation", "gelu_pytorch_tanh");
        context.Config.RequireFalse("attention_bias");
        context.Config.RequireFalse("use_bidirectional_attention");
    }

    private static void DescribeGemma2(MappingContext context)
    {
        RequireActivation(context);
        RequireScale(context, Gemma2LargestLayers);
        context.DescribeLayers();
        context.DescribeRope();
        context.Number("attn_logit_softcapping", context.Config.Number("attn_logit_softcapping"));
        context.Number("final_logit_softcapping", context.Config.Number("final_logit_softcapping"));
        context.Count("attention.sliding_window", context.Config.Integer("sliding_window"));
        RequirePeriod(context, 2);
    }

    private static void DescribeGemma3(MappingContext context)
    {
        RequireActivation(context);
        RequireScale(context, Gemma3LargestLayers);
        if (context.Config.OptionalNumber("attn_logit_softcapping") is not (null or 0))
        {
            throw ConversionException.UnsupportedSetting(
                "attn_logit_softcapping", "is there, but attention scores are not capped in this architecture");
        }

        context.DescribeLayers();
        context.DescribeRope();
        if (context.Config.OptionalNumber("final_logit_softcapping") is double cap and not 0)
        {
            context.Number("final_logit_softcapping", cap);
        }

        if (context.Config.OptionalInteger("sliding_window_pattern") != 1)
        {
            context.Count("attention.sliding_window", context.Config.Integer("sliding_window"));
            context.Number("rope.freq_base_swa", context.Rope.SlidingTheta!.Value);
            RequirePeriod(context, 6);
        }
    }

    // Readers derive the scale of scores from the shape: the largest models divide by the root of embedding / heads, the others by the
    // root of a head's length.
    private static void RequireScale(MappingContext context, int largestLayers)
    {
        double expected = context.LayerCount == largestLayers ? (double)context.EmbeddingLength / context.HeadCount : context.HeadLength;
        if (context.Config.OptionalNumber("query_pre_attn_scalar") is double found && found != expected)
        {
            throw ConversionException.UnsupportedSetting(
                "query_pre_attn_scalar",
                $"is {found.ToString(CultureInfo.InvariantCulture)}, but a GGUF file of this shape means "
                + expected.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void RequirePeriod(MappingContext context, int period)
    {
        bool matches = (context.Config.OptionalInteger("sliding_window_pattern")
            ?? context.Config.OptionalInteger("_sliding_window_pattern") ?? period) == period;
        if (context.Config.Find("layer_types") is ConfigNode types)
        {
            matches &= types.Items().Select(type => type.AsText())
                .SequenceEqual(Enumerable.Range(1, context.LayerCount)
                    .Select(layer => layer % period == 0 ? "full_attention" : "sliding_attention"));
        }

        if (!matches)
        {
            throw ConversionException.UnsupportedSetting(
                "layer_types", $"must have full attention in every layer whose number, from 1, is a multiple of {period}");
        }
    }
}
