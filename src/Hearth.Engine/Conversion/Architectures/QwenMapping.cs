namespace Hearth.Engine.Conversion.Architectures;

/// <summary>Qwen 2 and 2.5, Qwen 3, and Qwen 3 with experts.</summary>
internal static class QwenMapping
{
    private const string Layer = "model.layers.{layer}.";
    private const string Block = "blk.{layer}.";

    // Before the mappings, which are made in this order.
    private static readonly Dictionary<string, double> s_defaults = new()
    {
        ["max_position_embeddings"] = 32_768,
        ["rms_norm_eps"] = 1e-6,
        ["rope_theta"] = 10_000,
    };

    /// <summary>Qwen 2 and 2.5.</summary>
    public static ArchitectureMapping Qwen2 { get; } = new()
    {
        ModelTypes = ["qwen2"],
        Architecture = "qwen2",
        Tensors = [.. Attention(), .. Gated()],
        Defaults = s_defaults,
        Describe = Describe,
    };

    /// <summary>Qwen 3: the queries and keys of each head are normalised.</summary>
    public static ArchitectureMapping Qwen3 { get; } = new()
    {
        ModelTypes = ["qwen3"],
        Architecture = "qwen3",
        Tensors = [.. Attention(), .. HeadNorms(), .. Gated()],
        Defaults = s_defaults,
        Describe = Describe,
    };

    /// <summary>Qwen 3 with experts.</summary>
    public static ArchitectureMapping Qwen3Moe { get; } = new()
    {
        ModelTypes = ["qwen3_moe"],
        Architecture = "qwen3moe",
        Tensors =
        [
            .. Attention(), .. HeadNorms(),
            TensorRule.Weight(Layer + "mlp.gate", Block + "ffn_gate_inp"),
            TensorRule.Weight(Layer + "mlp.experts.{expert}.gate_proj", Block + "ffn_gate_exps"),
            TensorRule.Weight(Layer + "mlp.experts.{expert}.up_proj", Block + "ffn_up_exps"),
            TensorRule.Weight(Layer + "mlp.experts.{expert}.down_proj", Block + "ffn_down_exps"),
        ],
        Defaults = s_defaults,
        Describe = DescribeExperts,
    };

    private static TensorRule[] Attention() =>
    [
        TensorRule.Weight("model.embed_tokens", "token_embd"),
        TensorRule.Weight(Layer + "input_layernorm", Block + "attn_norm"),
        TensorRule.Weight(Layer + "self_attn.q_proj", Block + "attn_q"),
        TensorRule.Bias(Layer + "self_attn.q_proj", Block + "attn_q"),
        TensorRule.Weight(Layer + "self_attn.k_proj", Block + "attn_k"),
        TensorRule.Bias(Layer + "self_attn.k_proj", Block + "attn_k"),
        TensorRule.Weight(Layer + "self_attn.v_proj", Block + "attn_v"),
        TensorRule.Bias(Layer + "self_attn.v_proj", Block + "attn_v"),
        TensorRule.Weight(Layer + "self_attn.o_proj", Block + "attn_output"),
        TensorRule.Weight(Layer + "post_attention_layernorm", Block + "ffn_norm"),
        TensorRule.Weight("model.norm", "output_norm"),
        TensorRule.Weight("lm_head", "output"),
    ];

    private static TensorRule[] HeadNorms() =>
    [
        TensorRule.Weight(Layer + "self_attn.q_norm", Block + "attn_q_norm"),
        TensorRule.Weight(Layer + "self_attn.k_norm", Block + "attn_k_norm"),
    ];

    private static TensorRule[] Gated() =>
    [
        TensorRule.Weight(Layer + "mlp.gate_proj", Block + "ffn_gate"),
        TensorRule.Weight(Layer + "mlp.up_proj", Block + "ffn_up"),
        TensorRule.Weight(Layer + "mlp.down_proj", Block + "ffn_down"),
    ];

    private static void Describe(MappingContext context)
    {
        context.Config.RequireText("hidden_act", "silu");
        context.DescribeLayers();
        context.DescribeRope();
        if (context.Config.Boolean("use_sliding_window")
            && context.Config.OptionalInteger("sliding_window") is long window && window < context.ContextLength
            && (context.Config.OptionalInteger("max_window_layers", minimum: 0) ?? 0) < context.LayerCount)
        {
            context.NoteWindow(window);
        }
    }

    private static void DescribeExperts(MappingContext context)
    {
        if (context.Config.Find("norm_topk_prob") is { } normalized && !normalized.AsBoolean())
        {
            throw ConversionException.UnsupportedSetting("norm_topk_prob", "is false, which this architecture cannot be");
        }

        if ((context.Config.OptionalInteger("decoder_sparse_step") ?? 1) != 1
            || context.Config.Find("mlp_only_layers")?.Items().Any() == true)
        {
            throw ConversionException.UnsupportedSetting(
                "mlp_only_layers", "names layers without experts, which this architecture cannot have");
        }

        Describe(context);
        context.Count("expert_count", context.Config.Integer("num_experts", maximum: 4096));
        context.Count("expert_used_count", context.Config.Integer("num_experts_per_tok", maximum: 4096));
        context.Count("expert_feed_forward_length", context.Config.Integer("moe_intermediate_size"));
    }
}
