namespace Hearth.Engine.Conversion.Architectures;

/// <summary>
/// Llama, Mistral, Mixtral and Ministral 3. Heads rotate adjacent elements in a GGUF file and halves in the folder, so the rows of
/// queries and keys change places. The scaling of Llama 3 becomes a tensor of factors.
/// </summary>
internal static class LlamaMapping
{
    private const string Layer = "model.layers.{layer}.";
    private const string Block = "blk.{layer}.";

    /// <summary>Llama and Mistral.</summary>
    public static ArchitectureMapping Dense { get; } = new()
    {
        ModelTypes = ["llama", "mistral"],
        Architecture = "llama",
        Tensors = [.. Attention(), .. Gated()],
        Defaults = Defaults(),
        Describe = Describe,
    };

    /// <summary>Mixtral.</summary>
    public static ArchitectureMapping Mixtral { get; } = new()
    {
        ModelTypes = ["mixtral"],
        Architecture = "llama",
        Tensors =
        [
            .. Attention(),
            TensorRule.Weight(Layer + "block_sparse_moe.gate", Block + "ffn_gate_inp"),
            TensorRule.Weight(Layer + "block_sparse_moe.experts.{expert}.w1", Block + "ffn_gate_exps"),
            TensorRule.Weight(Layer + "block_sparse_moe.experts.{expert}.w2", Block + "ffn_down_exps"),
            TensorRule.Weight(Layer + "block_sparse_moe.experts.{expert}.w3", Block + "ffn_up_exps"),
        ],
        Defaults = Defaults(("num_local_experts", 8), ("num_experts_per_tok", 2), ("rms_norm_eps", 1e-5), ("rope_theta", 1e6)),
        Describe = context =>
        {
            Describe(context);
            context.Count("expert_count", context.Config.Integer("num_local_experts", maximum: 4096));
            context.Count("expert_used_count", context.Config.Integer("num_experts_per_tok", maximum: 4096));
        },
    };

    /// <summary>Ministral 3: Llama with a temperature of queries that grows with the position.</summary>
    public static ArchitectureMapping Ministral3 { get; } = new()
    {
        ModelTypes = ["ministral3"],
        Architecture = "mistral3",
        Tensors = [.. Attention(), .. Gated()],
        Defaults = Defaults(),
        Describe = context =>
        {
            if (context.Rope.Type != "yarn")
            {
                throw context.Rope.Unsupported(context.Architecture);
            }

            Describe(context);
            context.Number("rope.scaling.yarn_log_multiplier", context.Rope.Number("mscale_all_dim"));
            context.Number("attention.temperature_scale", context.Rope.Number("llama_4_scaling_beta"));
        },
    };

    private static Dictionary<string, double> Defaults(params ReadOnlySpan<(string Key, double Value)> more)
    {
        Dictionary<string, double> defaults = new()
        {
            ["hidden_size"] = 4096,
            ["intermediate_size"] = 11008,
            ["num_hidden_layers"] = 32,
            ["num_attention_heads"] = 32,
            ["max_position_embeddings"] = 2048,
            ["rms_norm_eps"] = 1e-6,
            ["rope_theta"] = 10_000,
        };
        foreach ((string key, double value) in more)
        {
            defaults[key] = value;
        }

        return defaults;
    }

    private static TensorRule[] Attention() =>
    [
        TensorRule.Weight("model.embed_tokens", "token_embd"),
        TensorRule.Weight(Layer + "input_layernorm", Block + "attn_norm"),
        TensorRule.Weight(Layer + "self_attn.q_proj", Block + "attn_q", TensorTransform.QueryPairs),
        TensorRule.Bias(Layer + "self_attn.q_proj", Block + "attn_q", TensorTransform.QueryPairs),
        TensorRule.Weight(Layer + "self_attn.k_proj", Block + "attn_k", TensorTransform.KeyPairs),
        TensorRule.Bias(Layer + "self_attn.k_proj", Block + "attn_k", TensorTransform.KeyPairs),
        TensorRule.Weight(Layer + "self_attn.v_proj", Block + "attn_v"),
        TensorRule.Bias(Layer + "self_attn.v_proj", Block + "attn_v"),
        TensorRule.Weight(Layer + "self_attn.o_proj", Block + "attn_output"),
        TensorRule.Bias(Layer + "self_attn.o_proj", Block + "attn_output"),
        TensorRule.Weight(Layer + "post_attention_layernorm", Block + "ffn_norm"),
        TensorRule.Weight("model.norm", "output_norm"),
        TensorRule.Weight("lm_head", "output"),
    ];

    private static TensorRule[] Gated() =>
    [
        TensorRule.Weight(Layer + "mlp.gate_proj", Block + "ffn_gate"),
        TensorRule.Bias(Layer + "mlp.gate_proj", Block + "ffn_gate"),
        TensorRule.Weight(Layer + "mlp.up_proj", Block + "ffn_up"),
        TensorRule.Bias(Layer + "mlp.up_proj", Block + "ffn_up"),
        TensorRule.Weight(Layer + "mlp.down_proj", Block + "ffn_down"),
        TensorRule.Bias(Layer + "mlp.down_proj", Block + "ffn_down"),
    ];

    private static void Describe(MappingContext context)
    {
        context.Config.RequireText("hidden_act", "silu");
        context.DescribeLayers();
        context.Count("rope.dimension_count", context.HeadLength);
        if (context.Rope.Type == "llama3")
        {
            context.Number("rope.freq_base", context.Rope.Theta!.Value);
            context.Extra.Add(("rope_freqs.weight", Llama3Factors(context)));
        }
        else
        {
            context.DescribeRope();
        }

        if (context.Config.OptionalInteger("sliding_window") is long window && window < context.ContextLength)
        {
            context.NoteWindow(window);
        }
    }

    /// <summary>
    /// What each pair's frequency is divided by (Llama 3.1's own rule): 1 for wavelengths below <c>context / high</c>, the factor above
    /// <c>context / low</c>, and between them the inverse of a mean of both, linear in <c>context / wavelength</c>.
    /// </summary>
    private static float[] Llama3Factors(MappingContext context)
    {
        double factor = context.Rope.Number("factor"), low = context.Rope.Number("low_freq_factor"),
            high = context.Rope.Number("high_freq_factor");
        double original = context.Rope.OriginalContext
            ?? throw ConversionException.InvalidValue(context.Config.Path, "rope_scaling.original_max_position_embeddings", "is missing");
        long length = context.HeadLength;
        float[] factors = new float[length / 2];
        for (int i = 0; i < factors.Length; i++)
        {
            double wavelength = 2 * Math.PI * Math.Pow(context.Rope.Theta!.Value, 2.0 * i / length);
            double smooth = (original / wavelength - low) / (high - low);
            factors[i] = wavelength < original / high ? 1
                : wavelength > original / low ? (float)factor
                : (float)(1 / ((1 - smooth) / factor + smooth));
        }

        return factors;
    }
}
