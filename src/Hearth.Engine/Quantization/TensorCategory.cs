namespace Hearth.Engine.Quantization;

/// <summary>What a tensor is for, as far as a mix of types tells tensors apart.</summary>
internal enum TensorCategory
{
    Other,
    TokenEmbedding,
    Output,
    Query,
    Key,
    Value,
    QueryKeyValue,
    KeyValueUp,
    AttentionOutput,
    Up,
    Gate,
    Down,
}

/// <summary>What tensors' names say.</summary>
internal static class TensorCategories
{
    private const string Suffix = "weight";

    // Small, or wanted exactly: norms, routers, positions, convolutions, what mixes time steps, projectors' embeddings.
    private static readonly string[] s_neverQuantized =
    [
        "_norm.weight", "ffn_gate_inp.weight", "ffn_gate_tid2eid.weight", "altup", "laurel", "per_layer_model_proj", "ssm_conv1d",
        "shortconv.conv.weight", "indexer.k_proj.weight", "indexer.q_proj.weight", "time_mix_first.weight", "time_mix_w0.weight",
        "time_mix_w1.weight", "time_mix_w2.weight", "time_mix_v0.weight", "time_mix_v1.weight", "time_mix_v2.weight",
        "time_mix_a0.weight", "time_mix_a1.weight", "time_mix_a2.weight", "time_mix_g1.weight", "time_mix_g2.weight",
        "time_mix_decay_w1.weight", "time_mix_decay_w2.weight", "time_mix_lerp_fused.weight", "attn_rel_b.weight", ".position_embd",
        "sam.pos_embd", "sam.neck.", "sam.net_", ".rel_pos", ".patch_embd", ".patch_merger", "a.rvq.codebook", "mm.a.code_embd",
    ];

    /// <summary>Whether a tensor is one that quantisers round: a matrix or a stack of them, and none of those kept as they are.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="dimensions">Its shape; trailing lengths of one do not count.</param>
    public static bool IsQuantizable(string name, ReadOnlySpan<long> dimensions)
    {
        int axes = dimensions.Length;
        while (axes > 1 && dimensions[axes - 1] == 1)
        {
            axes--;
        }

        return axes > 1 && name.EndsWith(Suffix, StringComparison.Ordinal)
            && name is not ("position_embd.weight" or "token_types.weight")
            && !Array.Exists(s_neverQuantized, part => name.Contains(part, StringComparison.Ordinal));
    }

    /// <summary>What a tensor is for.</summary>
    public static TensorCategory Of(string name)
    {
        bool Has(string part) => name.Contains(part, StringComparison.Ordinal);
        return name switch
        {
            "output.weight" => TensorCategory.Output,
            "token_embd.weight" or "per_layer_token_embd.weight" => TensorCategory.TokenEmbedding,
            _ when Has("attn_qkv.weight") => TensorCategory.QueryKeyValue,
            _ when Has("attn_kv_b.weight") => TensorCategory.KeyValueUp,
            _ when Has("attn_v.weight") => TensorCategory.Value,
            _ when Has("attn_k.weight") => TensorCategory.Key,
            _ when Has("attn_q.weight") => TensorCategory.Query,
            _ when Has("attn_output.weight") => TensorCategory.AttentionOutput,
            _ when Has("ffn_up") => TensorCategory.Up,
            _ when Has("ffn_gate") => TensorCategory.Gate,
            _ when Has("ffn_down") => TensorCategory.Down,
            _ => TensorCategory.Other,
        };
    }

    /// <summary>Whether rounding the tensor hurts as rounding the values' projection does.</summary>
    public static bool CarriesValues(TensorCategory category) =>
        category is TensorCategory.Value or TensorCategory.QueryKeyValue or TensorCategory.KeyValueUp;

    /// <summary>The layer that <c>blk.N.</c> at the beginning of a name says, or -1.</summary>
    public static int LayerOf(string name)
    {
        const string Prefix = "blk.";
        int end = name.StartsWith(Prefix, StringComparison.Ordinal) ? name.IndexOf('.', Prefix.Length) : -1;
        return end > 0 && int.TryParse(name.AsSpan(Prefix.Length, end - Prefix.Length), out int layer) && layer >= 0 ? layer : -1;
    }
}
