using Entry = (string Key, Hearth.Engine.Gguf.GgufValue Value);

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <content>State-space and other recurrent models, and hybrids with attention.</content>
internal static partial class ModelCases
{
    private static IReadOnlyList<ModelCase> Recurrent =>
    [
    ];

    private static string[] StateBiases => ["*ssm_conv1d.bias", "*ssm_dt.bias"];

    private static Entry[] Mamba => [("ssm.conv_kernel", 4), ("ssm.inner_size", 128), ("ssm.state_size", 16), ("ssm.time_step_rank", 4)];

    private static Entry[] Mamba2 => [.. Mamba, ("ssm.time_step_rank", 8), ("ssm.group_count", 2)];

    private static Entry[] GatedDelta =>
    [
        ("block_count", 4), ("ssm.conv_kernel", 4), ("ssm.inner_size", 64), ("ssm.state_size", 16), ("ssm.time_step_rank", 4),
        ("ssm.group_count", 2),
    ];

    private static Entry[] Hybrid => [("block_count", 3), ("attention.head_count_kv", (int[])[0, 2, 0])];

    private static Entry[] NoAttention => [("attention.head_count", 0), ("attention.head_count_kv", 0), ("feed_forward_length", 0)];

    private static Entry[] Rwkv7 =>
    [
        .. NoAttention, ("feed_forward_length", 96), ("wkv.head_size", 16), ("attention.decay_lora_rank", 8),
        ("attention.iclr_lora_rank", 8), ("attention.value_residual_mix_lora_rank", 8), ("attention.gate_lora_rank", 8),
    ];
}
