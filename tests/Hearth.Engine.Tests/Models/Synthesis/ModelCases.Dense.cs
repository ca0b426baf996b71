using Entry = (string Key, Hearth.Engine.Gguf.GgufValue Value);

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <content>Decoders with attention and dense feed-forward networks.</content>
internal static partial class ModelCases
{
    private static IReadOnlyList<ModelCase> Dense =>
    [
        new("llama", "llama") { Entries = Rms, Without = ["output.weight"] },
        new("llama-biases", "llama")
        {
            Entries = Rms,
            With = ["*attn_*.bias", "*ffn_up.bias", "*ffn_gate.bias", "*ffn_down.bias", "rope_freqs*"],
            Without = ["*norm.bias"],
        },
        new("llama-fused", "llama") { Entries = Rms, With = ["*attn_qkv.weight"] },
        new("minicpm3", "minicpm3")
        {
            Entries =
            [
                .. Rms, ("attention.head_count_kv", 4), ("attention.q_lora_rank", 24), ("attention.kv_lora_rank", 16),
                ("attention.key_length", 20), ("rope.dimension_count", 8),
            ],
        },
        new("mistral3", "mistral3") { Entries = Rms },
        new("mistral3-temperature", "mistral3")
        {
            Entries =
            [
                .. Rms, ("attention.temperature_scale", 0.3f), ("rope.scaling.type", "yarn"), ("rope.scaling.factor", 8f),
                ("rope.scaling.original_context_length", 16), ("rope.scaling.yarn_log_multiplier", 1f),
            ],
        },
        new("plm", "plm")
        {
            Entries =
            [
                .. Rms, ("attention.head_count_kv", 4), ("attention.kv_lora_rank", 16), ("attention.key_length", 24),
                ("attention.value_length", 16), ("rope.dimension_count", 8),
            ],
            Without = ["*attn_q_a.weight", "output.weight"],
        },
        new("qwen2", "qwen2") { Entries = Rms, With = ["*attn_?.bias"] },
        // The reference engine does not read this architecture's epsilon and computes with 0.
        new("qwen2vl", "qwen2vl")
        {
            Entries = [("attention.layer_norm_rms_epsilon", 0f), ("rope.dimension_sections", (int[])[2, 3, 3, 0])],
            With = ["*attn_?.bias"],
        },
    ];

    private static Entry[] Gemma4 =>
    [
        ("block_count", 6), ("attention.sliding_window", 16),
        ("attention.sliding_window_pattern", (bool[])[true, true, false, true, true, false]),
        ("attention.key_length", 32), ("attention.value_length", 32), ("attention.key_length_swa", 16), ("attention.value_length_swa", 16),
        ("rope.dimension_count", 32), ("rope.dimension_count_swa", 16), ("rope.freq_base", 1e6f), ("rope.freq_base_swa", 1e4f),
        ("final_logit_softcapping", 5f),
    ];
}
