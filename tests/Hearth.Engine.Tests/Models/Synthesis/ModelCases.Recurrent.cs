using Entry = (string Key, Hearth.Engine.Gguf.GgufValue Value);

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <content>State-space and other recurrent models, and hybrids with attention.</content>
internal static partial class ModelCases
{
    private static IReadOnlyList<ModelCase> Recurrent =>
    [
        new("arwkv7", "arwkv7") { Entries = [.. Rms, .. Rwkv7, ("token_shift_count", 1)] },
        new("falcon-h1", "falcon-h1") { Entries = [.. Rms, .. Mamba2], With = StateBiases },
        new("granitehybrid", "granitehybrid")
        {
            Entries =
            [
                .. Rms, .. Mamba2, .. Hybrid, ("embedding_scale", 3f), ("residual_scale", 0.5f), ("attention.scale", 0.2f),
                ("logit_scale", 2f),
            ],
            With = StateBiases,
        },
        new("granitehybrid-experts", "granitehybrid")
        {
            Entries =
            [
                .. Rms, .. Mamba2, .. Hybrid, ("expert_count", 8), ("expert_used_count", 2), ("expert_shared_feed_forward_length", 32),
            ],
            With = StateBiases,
        },
        new("jamba", "jamba") { Entries = [.. Rms, .. Mamba, .. Hybrid], With = StateBiases },
        new("jamba-experts", "jamba")
        {
            Entries = [.. Rms, .. Mamba, .. Hybrid, ("expert_count", 8), ("expert_used_count", 2)],
            With = StateBiases,
        },
        new("kimi-linear", "kimi-linear")
        {
            Entries =
            [
                .. Rms, .. Experts, .. Shared, .. Latent, ("attention.head_count_kv", (int[])[0, 0, 1]), ("expert_gating_func", 2),
                ("expert_weights_scale", 1.5f), ("ssm.conv_kernel", 4), ("kda.head_dim", 16),
            ],
            With = ["*exp_probs_b.bias", .. StateBiases],
            Without = ["*attn_kv_b.weight", "*attn_q_a.weight"],
        },
        new("lfm2", "lfm2") { Entries = [.. Rms, .. Hybrid, ("shortconv.l_cache", 3)], Without = ["output.weight", "dense_2.*"] },
        new("lfm2moe", "lfm2moe")
        {
            Entries =
            [
                .. Rms, .. Hybrid, .. Experts, ("leading_dense_block_count", 1), ("expert_gating_func", 2), ("shortconv.l_cache", 3),
            ],
            With = ["*exp_probs_b.bias"],
            Without = ["output.weight", "dense_2.*"],
        },
        new("mamba", "mamba")
        {
            Entries = [.. Rms, .. Mamba, .. NoAttention],
            With = StateBiases,
            Without = ["output.weight", .. StateNorms],
        },
        new("mamba-norms", "mamba")
        {
            Entries = [.. Rms, .. Mamba, .. NoAttention, ("ssm.dt_b_c_rms", true)],
            With = StateBiases,
            Without = StateNorms,
        },
        new("mamba2", "mamba2") { Entries = [.. Rms, .. Mamba2, .. NoAttention], With = StateBiases },
        new("nemotron_h", "nemotron_h")
        {
            Entries =
            [
                .. Rms, .. Mamba2, ("block_count", 4), ("attention.head_count_kv", (int[])[0, 0, 2, 0]),
                ("feed_forward_length", (int[])[0, 96, 0, 0]),
            ],
            With = StateBiases,
        },
        new("nemotron_h_moe", "nemotron_h_moe")
        {
            Entries =
            [
                .. Rms, .. Mamba2, .. Experts, ("block_count", 4), ("attention.head_count_kv", (int[])[0, 0, 2, 0]),
                ("feed_forward_length", (int[])[0, 96, 0, 0]), ("expert_shared_count", 1), ("expert_shared_feed_forward_length", 32),
                ("expert_weights_norm", true), ("expert_weights_scale", 1.7f),
            ],
            With = ["*exp_probs_b.bias", .. StateBiases],
            Without = ["*ffn_latent*"],
        },
        new("plamo2", "plamo2")
        {
            Entries = [.. Rms, .. Mamba2, .. Hybrid, ("ssm.group_count", 0), ("attention.key_length", 16), ("attention.value_length", 16)],
            With = ["*attn_qkv.weight", "*ssm_dt.bias"],
        },
        new("qwen35", "qwen35")
        {
            Entries =
            [
                .. Rms, .. GatedDelta, ("full_attention_interval", 2), ("rope.dimension_count", 8),
                ("rope.dimension_sections", (int[])[2, 1, 1, 0]),
            ],
            With = ["blk.0.attn_qkv.weight", "blk.2.attn_qkv.weight", "*ssm_dt.bias"],
            Without = ["*ssm_ba.*", "*ssm_in.*"],
        },
        new("qwen35moe", "qwen35moe")
        {
            Entries =
            [
                .. Rms, .. GatedDelta, .. Experts, ("expert_shared_feed_forward_length", 32), ("rope.dimension_count", 8),
                ("rope.dimension_sections", (int[])[2, 1, 1, 0]),
            ],
            With = ["blk.?.attn_qkv.weight", "*ssm_dt.bias"],
            Without = ["blk.3.attn_qkv.*", "*ssm_ba.*", "*ssm_in.*"],
        },
        new("qwen3next", "qwen3next")
        {
            Entries = [.. Rms, .. GatedDelta, .. Experts, ("expert_shared_feed_forward_length", 32), ("rope.dimension_count", 4)],
            With = ["*attn_qkv.weight", "*ssm_dt.bias"],
            Without = ["blk.3.attn_qkv.*", "*ssm_in.weight"],
        },
        new("qwen3next-grouped", "qwen3next")
        {
            Entries = [.. Rms, .. GatedDelta, .. Experts, ("expert_shared_feed_forward_length", 32), ("rope.dimension_count", 4)],
            With = ["*ssm_dt.bias"],
        },
        new("rwkv6", "rwkv6")
        {
            Entries =
            [
                .. Layer, .. NoAttention, ("wkv.head_size", 16), ("time_mix_extra_dim", 8), ("time_decay_extra_dim", 16),
                ("rescale_every_n_layers", 6), ("feed_forward_length", 96),
            ],
            With = ["*norm.bias", "*norm_2.bias", "*time_mix_ln.bias"],
        },
        new("rwkv6qwen2", "rwkv6qwen2")
        {
            Entries = [.. Rms, ("wkv.head_size", 16), ("time_mix_extra_dim", 8), ("time_decay_extra_dim", 16), ("token_shift_count", 1)],
            With = ["*time_mix_key.bias", "*time_mix_value.bias", "*time_mix_receptance.bias"],
            Without = ["*time_mix_first.weight", "*lerp_w.*", "*lerp_k.*", "*lerp_v.*", "*lerp_r.*", "*lerp_g.*"],
        },
        new("rwkv7", "rwkv7") { Entries = [.. Layer, .. Rwkv7], With = ["*norm.bias", "*norm_2.bias", "*time_mix_ln.bias"] },
    ];

    private static string[] StateBiases => ["*ssm_conv1d.bias", "*ssm_dt.bias"];

    private static string[] StateNorms => ["*ssm_dt_norm.*", "*ssm_b_norm.*", "*ssm_c_norm.*"];

    private static Entry[] Mamba => [("ssm.conv_kernel", 4), ("ssm.inner_size", 128), ("ssm.state_size", 16), ("ssm.time_step_rank", 4)];

    private static Entry[] Mamba2 => [.. Mamba, ("ssm.time_step_rank", 8), ("ssm.group_count", 2)];

    private static Entry[] GatedDelta =>
    [
        ("block_count", 4), ("ssm.conv_kernel", 4), ("ssm.inner_size", 64), ("ssm.state_size", 16), ("ssm.time_step_rank", 4),
        ("ssm.group_count", 2),
    ];

    private static Entry[] Hybrid => [("block_count", 3), ("attention.head_count_kv", (int[])[0, 2, 0])];

    private static Entry[] NoAttention => [("attention.head_count", 0), ("attention.head_count_kv", 0), ("feed_forward_length", 0)];

    // The reference engine computes heads of other sizes wrong where vectors have 512 bits.
    private static Entry[] Rwkv7 =>
    [
        .. NoAttention, ("feed_forward_length", 96), ("embedding_length", 128), ("wkv.head_size", 64), ("attention.decay_lora_rank", 8),
        ("attention.iclr_lora_rank", 8), ("attention.value_residual_mix_lora_rank", 8), ("attention.gate_lora_rank", 8),
    ];
}
