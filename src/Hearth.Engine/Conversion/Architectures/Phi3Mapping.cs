namespace Hearth.Engine.Conversion.Architectures;

/// <summary>Phi-3, Phi-3.5 and Phi-4: queries, keys and values in one matrix, gate and up in one, LongRoPE's factors as tensors.</summary>
internal static class Phi3Mapping
{
    private const string Layer = "model.layers.{layer}.";
    private const string Block = "blk.{layer}.";

    /// <summary>Phi-3, Phi-3.5 and Phi-4.</summary>
    public static ArchitectureMapping Phi3 { get; } = new()
    {
        ModelTypes = ["phi3"],
        Architecture = "phi3",
        Tensors =
        [
            TensorRule.Weight("model.embed_tokens", "token_embd"),
            TensorRule.Weight(Layer + "input_layernorm", Block + "attn_norm"),
            TensorRule.Weight(Layer + "self_attn.qkv_proj", Block + "attn_qkv"),
            TensorRule.Weight(Layer + "self_attn.o_proj", Block + "attn_output"),
            TensorRule.Weight(Layer + "post_attention_layernorm", Block + "ffn_norm"),
            TensorRule.Weight(Layer + "mlp.gate_up_proj", Block + "ffn_up"),
            TensorRule.Weight(Layer + "mlp.down_proj", Block + "ffn_down"),
            TensorRule.Weight("model.norm", "output_norm"),
            TensorRule.Weight("lm_head", "output"),
        ],
        Defaults = new Dictionary<string, double>
        {
            ["max_position_embeddings"] = 4096,
            ["original_max_position_embeddings"] = 4096,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 10_000,
        },
        Describe = Describe,
    };

    private static void Describe(MappingContext context)
    {
        context.Config.RequireText("hidden_act", "silu");
        context.Config.RequireFalse("attention_bias");
        context.DescribeLayers();
        long dimensions = (long)(context.Rope.PartialFactor * context.EmbeddingLength) / context.HeadCount;
        context.Count("rope.dimension_count", dimensions);
        context.Count("rope.scaling.original_context_length", context.Rope.OriginalContext!.Value);
        context.Number("rope.freq_base", context.Rope.Theta!.Value);
        context.Count("attention.sliding_window", context.Config.OptionalInteger("sliding_window", minimum: 0) ?? 0);
        DescribeFactors(context, dimensions);
    }

    // The factor of the scores grows with the stretch of the context (LongRoPE, section 3.3 and Microsoft's own code).
    private static void DescribeFactors(MappingContext context, long dimensions)
    {
        double original = context.Rope.OriginalContext!.Value, stretch = context.ContextLength / original;
        double? factor = context.Rope.Type switch
        {
            "default" => null,
            "su" or "longrope" => stretch > 1 ? Math.Sqrt(1 + Math.Log(stretch) / Math.Log(original)) : 1,
            "yarn" => stretch > 1 ? 0.1 * Math.Log(stretch) + 1 : 1,
            _ => throw context.Rope.Unsupported(context.Architecture),
        };
        if (factor is double value)
        {
            context.Number("rope.scaling.attn_factor", value);
            context.Extra.Add(("rope_factors_long.weight", context.Rope.Numbers("long_factor", dimensions / 2)));
            context.Extra.Add(("rope_factors_short.weight", context.Rope.Numbers("short_factor", dimensions / 2)));
        }
    }
}
