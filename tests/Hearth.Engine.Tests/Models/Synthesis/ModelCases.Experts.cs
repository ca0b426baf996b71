using Entry = (string Key, Hearth.Engine.Gguf.GgufValue Value);

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <content>Decoders with experts.</content>
internal static partial class ModelCases
{
    private static IReadOnlyList<ModelCase> Mixtures =>
    [
        new("afmoe", "afmoe")
        {
            Entries = [.. Rms, .. Window, .. Experts, .. Shared, ("expert_weights_scale", 1.5f)],
            With = ["*exp_probs_b.bias"],
        },
        new("arctic", "arctic") { Entries = [.. Rms, .. Experts] },
        new("bailingmoe", "bailingmoe") { Entries = [.. Rms, .. Experts, .. Shared, ("expert_weights_norm", true)] },
        new("bailingmoe2", "bailingmoe2")
        {
            Entries =
            [
                .. Rms, .. Experts, .. Shared, ("expert_gating_func", 2), ("expert_weights_norm", true), ("expert_weights_scale", 1.5f),
                ("expert_group_count", 4), ("expert_group_used_count", 2), ("expert_shared_feed_forward_length", 48),
                ("rope.dimension_count", 8),
            ],
            With = ["*attn_qkv.weight", "*exp_probs_b.bias"],
        },
        new("cohere2moe", "cohere2moe")
        {
            Entries =
            [
                .. Layer, .. Window, .. Experts, .. Shared, ("block_count", 4), ("logit_scale", 0.25f),
                ("expert_shared_feed_forward_length", 32), ("expert_weights_norm", true),
            ],
            Without = ["output.weight"],
        },
        new("dbrx", "dbrx")
        {
            Entries = [.. Layer, .. Experts, ("feed_forward_length", 48), ("attention.clamp_kqv", 0.8f)],
            With = ["*attn_qkv.weight"],
        },
        new("deepseek", "deepseek") { Entries = [.. Rms, .. Experts, .. Shared, ("expert_weights_scale", 1.3f)] },
        new("deepseek2", "deepseek2")
        {
            Entries =
            [
                .. Rms, .. Experts, .. Shared, .. Latent, ("expert_gating_func", 2), ("expert_weights_norm", true),
                ("expert_weights_scale", 1.5f), ("expert_group_count", 4), ("expert_group_used_count", 2),
            ],
            With = ["*exp_probs_b.bias"],
            Without = ["*attn_kv_b.weight"],
        },
        new("deepseek2-expanded", "deepseek2")
        {
            Entries =
            [
                .. Rms, .. Experts, .. Shared, ("attention.head_count_kv", 4), ("attention.q_lora_rank", 24),
                ("attention.kv_lora_rank", 16), ("attention.key_length", 20), ("attention.value_length", 12), ("rope.dimension_count", 8),
            ],
        },
        new("deepseek2-lite", "deepseek2")
        {
            Entries =
            [
                .. Rms, .. Narrow, .. Experts, .. Shared, ("block_count", 27), ("attention.head_count_kv", 2),
                ("attention.kv_lora_rank", 16), ("attention.key_length", 24), ("attention.value_length", 16), ("rope.dimension_count", 8),
                ("rope.scaling.type", "yarn"), ("rope.scaling.factor", 4f), ("rope.scaling.original_context_length", 32),
                ("rope.scaling.yarn_log_multiplier", 0.0707f), ("expert_feed_forward_length", 16),
            ],
            Without = ["*attn_q_a.weight"],
        },
        new("deepseek2-ocr", "deepseek2-ocr") { Entries = [.. Rms, .. AllHeads, .. Experts, .. Shared] },
        new("dots1", "dots1")
        {
            Entries =
            [
                .. Rms, .. AllHeads, .. Experts, .. Shared, ("expert_gating_func", 2), ("expert_weights_norm", true),
                ("expert_weights_scale", 1.5f),
            ],
            With = ["*exp_probs_b.bias"],
        },
        new("ernie4_5-moe", "ernie4_5-moe")
        {
            Entries = [.. Rms, .. Experts, .. Shared, ("expert_shared_feed_forward_length", 48), ("interleave_moe_layer_step", 1)],
            With = ["*exp_probs_b.bias"],
        },
        new("exaone-moe", "exaone-moe")
        {
            Entries =
            [
                .. Rms, .. Experts, .. Shared, ("block_count", 4), ("attention.sliding_window", 16), ("expert_gating_func", 2),
                ("expert_weights_norm", true), ("expert_weights_scale", 1.5f),
            ],
            With = ["*exp_probs_b.bias"],
        },
        new("gemma4-experts", "gemma4")
        {
            Entries = [.. Rms, .. Gemma4, .. Experts, ("embedding_length_per_layer_input", 0)],
            With = ["rope_freqs*", "*ffn_gate_inp.scale", "*ffn_down_exps.scale"],
            Without = ["output.weight"],
            Tolerance = 1e-7,
            Reason = GeluOfHalves,
        },
        new("glm4moe", "glm4moe")
        {
            Entries =
            [
                .. Rms, .. Experts, .. Shared, ("rope.dimension_count", 8), ("expert_weights_norm", true), ("expert_weights_scale", 1.5f),
            ],
            With = ["*exp_probs_b.bias", "*attn_q.bias", "*attn_k.bias", "*attn_v.bias"],
        },
        new("gpt-oss", "gpt-oss")
        {
            Entries = [.. Rms, .. Experts, ("attention.sliding_window", 16)],
            With = ["*attn_?.bias", "*attn_output.bias", "*_exps.bias", "*ffn_gate_inp.bias", "*attn_sinks.weight"],
        },
        new("granite-experts", "granite")
        {
            Entries =
            [
                .. Rms, ("expert_count", 8), ("expert_used_count", 2), ("expert_shared_feed_forward_length", 32), ("logit_scale", 2f),
            ],
        },
        new("granitemoe", "granitemoe")
        {
            Entries =
            [
                .. Rms, ("expert_count", 8), ("expert_used_count", 2), ("embedding_scale", 3f), ("residual_scale", 0.5f),
                ("attention.scale", 0.2f), ("logit_scale", 2f),
            ],
        },
        new("grok", "grok")
        {
            Entries = [.. Rms, .. Experts, ("embedding_scale", 3f)],
        },
        new("grok-caps", "grok")
        {
            Entries =
            [
                .. Rms, .. Experts, ("embedding_scale", 3f), ("logit_scale", 0.8f), ("attention.output_scale", 0.25f),
                ("attn_logit_softcapping", 5f), ("router_logit_softcapping", 3f), ("final_logit_softcapping", 2f),
            ],
        },
        new("grovemoe", "grovemoe")
        {
            Entries =
            [
                .. Rms, .. Experts, ("expert_chunk_feed_forward_length", 32), ("expert_group_scale", 0.05f), ("experts_per_group", 2),
            ],
        },
        new("hunyuan-moe", "hunyuan-moe") { Entries = [.. Rms, .. Experts, ("expert_shared_feed_forward_length", 32)] },
        new("hy_v3", "hy_v3")
        {
            Entries =
            [
                .. Rms, .. Experts, .. Shared, ("expert_shared_feed_forward_length", 32), ("expert_weights_norm", true),
                ("expert_weights_scale", 1.5f),
            ],
        },
        new("laguna", "laguna")
        {
            Entries =
            [
                .. Rms, .. Window, .. Experts, .. Shared, ("block_count", 4), ("expert_weights_norm", true),
                ("expert_weights_scale", 1.5f), ("rope.freq_base", 5e5f), ("rope.freq_base_swa", 1e4f), ("rope.dimension_count", 8),
                ("rope.dimension_count_swa", 16),
            ],
            With = ["*exp_probs_b.bias"],
        },
        new("llada-moe", "llada-moe") { Entries = [.. Rms, .. AllHeads, .. Experts] },
        new("llama-experts", "llama") { Entries = [.. Rms, ("expert_count", 4), ("expert_used_count", 2)] },
        new("llama4", "llama4")
        {
            Entries = [.. Rms, .. Experts, ("block_count", 4), ("expert_used_count", 1), ("interleave_moe_layer_step", 2)],
        },
        new("mellum", "mellum") { Entries = [.. Rms, .. Window, .. Experts] },
        new("mimo2", "mimo2")
        {
            Entries =
            [
                .. Rms, .. Experts, ("block_count", 4), ("attention.sliding_window", 16),
                ("attention.sliding_window_pattern", (bool[])[false, true, true, false]), ("rope.freq_base", 5e6f),
                ("rope.freq_base_swa", 1e4f), ("attention.key_length", 24), ("attention.value_length", 16), ("rope.dimension_count", 8),
                ("attention.value_scale", 0.7f),
            ],
            With = ["*exp_probs_b.bias", "*attn_sinks.weight"],
        },
        new("minimax-m2", "minimax-m2")
        {
            Entries = [.. Rms, .. Experts, ("expert_gating_func", 2), ("rope.dimension_count", 8)],
            With = ["*exp_probs_b.bias"],
        },
        new("mistral4", "mistral4")
        {
            Entries =
            [
                .. Rms, .. Experts, .. Shared, .. Latent, ("expert_weights_norm", true), ("attention.temperature_scale", 0.1f),
                ("attention.temperature_length", 32),
            ],
            Without = ["*attn_kv_b.weight"],
        },
        new("olmoe", "olmoe") { Entries = [.. Rms, .. AllHeads, .. Experts, ("feed_forward_length", 48)] },
        new("phimoe", "phimoe")
        {
            Entries = [.. Rms, .. Experts, ("feed_forward_length", 48)],
            With = ["*norm.bias", "output.bias", "*attn_?.bias", "*attn_output.bias"],
        },
        new("qwen2moe", "qwen2moe") { Entries = [.. Rms, .. Experts, ("expert_shared_feed_forward_length", 64)], With = ["*attn_?.bias"] },
        new("qwen3moe", "qwen3moe") { Entries = [.. Rms, .. Experts] },
        new("qwen3vlmoe", "qwen3vlmoe") { Entries = [.. Rms, .. Experts, ("rope.dimension_sections", (int[])[3, 3, 2, 0])] },
        new("rnd1", "rnd1") { Entries = [.. Rms, .. Experts] },
        new("smallthinker", "smallthinker") { Entries = [.. Rms, .. Experts, ("expert_gating_func", 2)] },
        new("smallthinker-window", "smallthinker")
        {
            Entries = [.. Rms, .. Window, .. Experts, ("block_count", 6), ("expert_gating_func", 1)],
        },
        new("step35", "step35")
        {
            Entries =
            [
                .. Rms, .. Experts, ("block_count", 4), ("leading_dense_block_count", 1), ("attention.sliding_window", 16),
                ("attention.sliding_window_pattern", (bool[])[false, true, true, false]), ("rope.freq_base", 5e6f),
                ("rope.freq_base_swa", 1e4f), ("expert_shared_feed_forward_length", 32), ("expert_weights_norm", true),
                ("expert_weights_scale", 1.5f), ("swiglu_clamp_exp", (float[])[0, 1, 0, 1]),
                ("swiglu_clamp_shexp", (float[])[0, 0, 1, 1]), ("rope.dimension_count", 16),
            ],
            With = ["*exp_probs_b.bias"],
        },
    ];

    private static Entry[] Experts => [("expert_count", 8), ("expert_used_count", 2), ("expert_feed_forward_length", 48)];

    private static Entry[] Shared => [("block_count", 3), ("leading_dense_block_count", 1), ("expert_shared_count", 1)];

    private static Entry[] Latent =>
    [
        ("attention.head_count_kv", 1), ("attention.q_lora_rank", 24), ("attention.kv_lora_rank", 16), ("attention.key_length", 24),
        ("attention.value_length", 16), ("attention.key_length_mla", 20), ("attention.value_length_mla", 12), ("rope.dimension_count", 8),
    ];
}
