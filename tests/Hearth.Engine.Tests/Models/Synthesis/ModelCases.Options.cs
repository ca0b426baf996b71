using Entry = (string Key, Hearth.Engine.Gguf.GgufValue Value);

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <content>What few files of an architecture have, and what its reference reads and then does not use.</content>
internal static partial class ModelCases
{
    private static Entry[] FewExperts => [.. Rms, ("expert_count", 4), ("expert_used_count", 2), ("logit_scale", 1f)];

    private static IReadOnlyList<ModelCase> Options =>
    [
        new("codeshell-head", "codeshell")
        {
            Entries = Layer,
            With = ["*.bias"],
            Without = ["token_embd.weight", "output.bias", "*attn_?.bias"],
        },
        new("granite-no-rope", "granite") { Entries = [.. Rms, ("logit_scale", 1f), ("rope.scaling.finetuned", false)] },
        new("granite-longrope", "granite")
        {
            Entries = [.. Rms, ("logit_scale", 1f), ("rope.scaling.type", "longrope"), ("rope.scaling.original_context_length", 24)],
            With = ["rope_factors_*"],
        },
        new("granite-gateless", "granite") { Entries = FewExperts, Without = ["*ffn_gate_exps.weight"] },
        new("granite-shared", "granite") { Entries = [.. FewExperts, ("expert_shared_feed_forward_length", 48)] },
        new("mpt-key-norm", "mpt")
        {
            Entries = [.. Layer, ("attention.max_alibi_bias", 8f), .. AllHeads],
            With = ["*attn_qkv.weight"],
            Without = ["position_embd.weight", "output.weight", "*attn_q_norm.*"],
        },
        new("mpt-scales", "mpt")
        {
            Entries = [.. Layer, ("attention.max_alibi_bias", 8f), .. AllHeads],
            With = ["*attn_qkv.weight", "*act.scales"],
            Without = ["position_embd.weight", "output.weight", "*attn_?_norm.*"],
        },
        new("qwen2vl-head-bias", "qwen2vl")
        {
            Entries = [("attention.layer_norm_rms_epsilon", 0f), ("rope.dimension_sections", (int[])[2, 3, 3, 0])],
            With = ["output.bias"],
        },
        new("refact-biases", "refact")
        {
            Entries = [.. Rms, ("attention.head_count_kv", 1)],
            With = ["*attn_*.bias", "*ffn_up.bias", "*ffn_gate.bias", "*ffn_down.bias"],
            Without = ["*norm.bias"],
        },
    ];
}
