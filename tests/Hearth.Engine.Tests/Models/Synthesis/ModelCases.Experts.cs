using Entry = (string Key, Hearth.Engine.Gguf.GgufValue Value);

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <content>Decoders with experts.</content>
internal static partial class ModelCases
{
    private static IReadOnlyList<ModelCase> Mixtures =>
    [
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
        new("llama-experts", "llama") { Entries = [.. Rms, ("expert_count", 4), ("expert_used_count", 2)] },
        new("mistral4", "mistral4")
        {
            Entries =
            [
                .. Rms, .. Experts, .. Shared, .. Latent, ("expert_weights_norm", true), ("attention.temperature_scale", 0.1f),
                ("attention.temperature_length", 32),
            ],
            Without = ["*attn_kv_b.weight"],
        },
    ];

    private static Entry[] Experts => [("expert_count", 8), ("expert_used_count", 2), ("expert_feed_forward_length", 48)];

    private static Entry[] Shared => [("block_count", 3), ("leading_dense_block_count", 1), ("expert_shared_count", 1)];

    private static Entry[] Latent =>
    [
        ("attention.head_count_kv", 1), ("attention.q_lora_rank", 24), ("attention.kv_lora_rank", 16), ("attention.key_length", 24),
        ("attention.value_length", 16), ("attention.key_length_mla", 20), ("attention.value_length_mla", 12), ("rope.dimension_count", 8),
    ];

    private static Entry[] Sparse =>
    [
        .. Latent, ("attention.key_length", 80), ("attention.key_length_mla", 76), ("rope.dimension_count", 64),
        ("attention.indexer.head_count", 2), ("attention.indexer.key_length", 64), ("attention.indexer.top_k", 24),
    ];
}
