using Hearth.Engine.Gguf;
using Hearth.Engine.Tests.Models.Synthesis;
using Entry = (string Key, Hearth.Engine.Gguf.GgufValue Value);

namespace Hearth.Engine.Tests.Models.Families;

/// <summary>Small models with a state, one for each kind of block.</summary>
internal static class RecurrentModels
{
    private static readonly string[] s_biases = ["*ssm_conv1d.bias", "*ssm_dt.bias"];

    private static readonly Entry[] s_epsilon = [("attention.layer_norm_rms_epsilon", 1e-5f)];

    private static readonly Entry[] s_mamba =
    [
        .. s_epsilon, ("ssm.conv_kernel", 4), ("ssm.inner_size", 128), ("ssm.state_size", 16), ("ssm.time_step_rank", 8), ("ssm.group_count", 2),
    ];

    private static readonly Entry[] s_pure = [("attention.head_count", 0), ("attention.head_count_kv", 0)];

    private static readonly Entry[] s_hybrid = [("block_count", 3), ("attention.head_count_kv", (int[])[0, 2, 0])];

    private static readonly Entry[] s_experts = [("expert_count", 4), ("expert_used_count", 2), ("expert_feed_forward_length", 32)];

    private static readonly Entry[] s_delta =
    [
        .. s_epsilon, .. s_experts, ("block_count", 4), ("ssm.conv_kernel", 4), ("ssm.inner_size", 64), ("ssm.state_size", 16), ("ssm.time_step_rank", 4),
        ("ssm.group_count", 2),
    ];

    private static readonly Entry[] s_rwkv7 =
    [
        ("wkv.head_size", 16), ("attention.decay_lora_rank", 8), ("attention.iclr_lora_rank", 8), ("attention.value_residual_mix_lora_rank", 8),
        ("attention.gate_lora_rank", 8),
    ];

    /// <summary>The models.</summary>
    public static IReadOnlyList<ModelCase> All { get; } =
    [
        new("mamba", "mamba") { Entries = [.. s_mamba, .. s_pure, ("ssm.dt_b_c_rms", true)], With = s_biases },
        new("mamba2", "mamba2") { Entries = [.. s_mamba, .. s_pure], With = s_biases },
        new("jamba", "jamba") { Entries = [.. s_mamba, .. s_hybrid], With = s_biases },
        new("falcon-h1", "falcon-h1") { Entries = s_mamba, With = s_biases },
        new("granitehybrid", "granitehybrid") { Entries = [.. s_mamba, .. s_hybrid, .. s_experts], With = s_biases },
        new("nemotron_h", "nemotron_h")
        {
            Entries = [.. s_mamba, ("block_count", 3), ("attention.head_count_kv", (int[])[0, 0, 2]), ("feed_forward_length", (int[])[0, 96, 0])],
            With = s_biases,
        },
        new("plamo2", "plamo2") { Entries = [.. s_mamba, .. s_hybrid, ("ssm.group_count", 0)], With = [.. s_biases, "*attn_qkv.weight"] },
        new("lfm2", "lfm2") { Entries = [.. s_epsilon, .. s_hybrid, ("shortconv.l_cache", 3)] },
        new("qwen3next", "qwen3next") { Entries = s_delta, With = s_biases },
        new("qwen35", "qwen35") { Entries = s_delta, With = ["*ssm_dt.bias", "*attn_qkv.weight"], Without = ["*ssm_ba.weight"] },
        new("kimi-linear", "kimi-linear")
        {
            Entries =
            [
                .. s_epsilon, .. s_experts, ("block_count", 2), ("attention.head_count_kv", (int[])[0, 1]), ("attention.kv_lora_rank", 16), ("attention.key_length_mla", 24),
                ("attention.value_length_mla", 16), ("rope.dimension_count", 8), ("ssm.conv_kernel", 4), ("kda.head_dim", 16), ("expert_gating_func", 2),
            ],
            With = ["*ssm_dt.bias"],
            Without = ["*attn_q_a*", "*attn_kv_b.weight"],
        },
        new("rwkv6", "rwkv6")
        {
            Entries =
            [
                .. s_pure, ("attention.layer_norm_epsilon", 1e-5f), ("wkv.head_size", 16), ("time_mix_extra_dim", 8), ("time_decay_extra_dim", 8),
                ("rescale_every_n_layers", 2),
            ],
            With = ["*time_mix_ln.bias"],
        },
        new("rwkv6qwen2", "rwkv6qwen2")
        {
            Entries = [.. s_epsilon, ("wkv.head_size", 16), ("time_mix_extra_dim", 8), ("time_decay_extra_dim", 8)],
            Without = ["*time_mix_first.weight"],
        },
        new("rwkv7", "rwkv7") { Entries = [.. s_pure, .. s_rwkv7, ("attention.layer_norm_epsilon", 1e-5f)], With = ["*time_mix_ln.bias"] },
        new("arwkv7", "arwkv7") { Entries = [.. s_pure, .. s_rwkv7, .. s_epsilon] },
    ];

    /// <summary>A model by its name.</summary>
    public static ModelCase Get(string name) => All.Single(model => model.Name == name);

    /// <summary>The same model with other entries.</summary>
    public static ModelCase With(string name, params Entry[] entries) => Get(name) with { Entries = [.. Get(name).Entries, .. entries] };

    /// <summary>Writes a model with the vocabulary of another file.</summary>
    public static void WriteWithVocabulary(ModelCase model, GgufMetadata vocabulary, string path)
    {
        string plain = path + ".plain";
        try
        {
            ModelSynthesizer.Write(model, plain);
            using GgufFile file = GgufFile.Open(plain);
            GgufWriter writer = new(GgufMetadata.FromPairs(
                file.Metadata.Where(pair => !pair.Key.StartsWith("tokenizer.", StringComparison.Ordinal))
                    .Concat(vocabulary.Where(pair => pair.Key.StartsWith("tokenizer.ggml", StringComparison.Ordinal)))));
            foreach (GgufTensor tensor in file.Tensors)
            {
                writer.Add(tensor.Name, [.. tensor.Dimensions.Select(count => (long)count)], file.ReadFloats(tensor));
            }

            writer.Save(path);
        }
        finally
        {
            File.Delete(plain);
        }
    }
}
