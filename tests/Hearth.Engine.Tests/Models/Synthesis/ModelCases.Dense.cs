using Entry = (string Key, Hearth.Engine.Gguf.GgufValue Value);

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <content>Decoders with attention and dense feed-forward networks.</content>
internal static partial class ModelCases
{
    private static IReadOnlyList<ModelCase> Dense =>
    [
        new("apertus", "apertus")
        {
            Entries =
            [
                .. Rms, ("!xielu.alpha_n", (float[])[0.8f, 1.2f]), ("!xielu.alpha_p", (float[])[0.7f, 1.1f]),
                ("!xielu.beta", (float[])[0.5f, 0.4f]), ("!xielu.eps", (float[])[-1e-6f, -1e-6f]),
            ],
        },
        new("arcee", "arcee") { Entries = Rms },
        new("baichuan-7b", "baichuan") { Entries = [.. Rms, .. Narrow, ("block_count", 32)] },
        new("baichuan-13b", "baichuan") { Entries = [.. Rms, .. Narrow, ("block_count", 40)] },
        new("bitnet", "bitnet") { Entries = Rms, Without = ["output.weight"] },
        new("bloom", "bloom")
        {
            Entries = [.. Layer, .. AllHeads],
            With = ["*.bias", "*attn_qkv.weight"],
            Without = ["output.bias"],
        },
        new("chatglm", "chatglm") { Entries = [.. Rms, ("rope.dimension_count", 8)], With = ["*attn_qkv.weight", "*attn_qkv.bias"] },
        new("codeshell", "codeshell")
        {
            Entries = Layer,
            With = ["*norm.bias", "*attn_*.bias", "*ffn_*.bias", "*attn_qkv.weight"],
        },
        new("cogvlm", "cogvlm") { Entries = [.. Rms, .. AllHeads], With = ["*attn_qkv.weight"] },
        new("cohere2", "cohere2") { Entries = [.. Layer, .. Window, ("logit_scale", 0.25f)], Without = ["output.weight"] },
        new("command-r", "command-r") { Entries = [.. Layer, ("logit_scale", 0.25f)], Without = ["output.weight", "*attn_?_norm.weight"] },
        new("command-r-norms", "command-r")
        {
            Entries = [.. Layer, ("logit_scale", 0.25f), ("block_count", 3)],
            Without = ["output.weight"],
        },
        new("deci", "deci")
        {
            Entries =
            [
                .. Rms, ("block_count", 5), ("attention.head_count", (int[])[4, 0, 4, 4, 4]),
                ("attention.head_count_kv", (int[])[2, 0, 0, 2, 4]), ("feed_forward_length", (int[])[96, 64, 96, 128, 96]),
            ],
        },
        new("dream", "dream") { Entries = Rms, With = ["*attn_?.bias"] },
        new("ernie4_5", "ernie4_5") { Entries = Rms, Without = ["output.weight"] },
        new("exaone", "exaone") { Entries = Rms, With = ["rope_freqs*"] },
        new("exaone4", "exaone4") { Entries = Rms },
        new("exaone4-window", "exaone4") { Entries = [.. Rms, .. Narrow, ("block_count", 64), ("attention.sliding_window", 16)] },
        new("falcon-7b", "falcon")
        {
            Entries = [.. Layer, ("attention.head_count_kv", 1)],
            With = ["*norm.bias", "*attn_qkv.weight"],
            Without = ["*attn_norm_2.*"],
        },
        new("falcon-40b", "falcon")
        {
            Entries = Layer,
            With = ["*norm.bias", "*norm_2.bias", "*attn_qkv.weight"],
        },
        new("gemma", "gemma")
        {
            Entries = [.. Rms, ("attention.key_length", 32), ("attention.value_length", 32)],
            Without = ["output.weight"],
        },
        new("gemma2", "gemma2")
        {
            Entries = [.. Rms, .. Window, ("attn_logit_softcapping", 5f), ("final_logit_softcapping", 3f)],
            Without = ["output.weight"],
        },
        new("gemma3", "gemma3")
        {
            Entries = [.. Rms, ("attention.sliding_window", 16), ("block_count", 7), ("rope.freq_base", 1e6f)],
            Without = ["output.weight"],
        },
        new("gemma3n", "gemma3n")
        {
            Entries = [.. Rms, .. Narrow, ("attention.sliding_window", 16), ("block_count", 25), ("rope.freq_base", 1e6f)],
            // The model is deep and does not scale its attention: small norms keep it from magnifying what the engines differ by.
            Factors = [("*attn_?_norm.weight", 0.1f)],
            Without = ["output.weight"],
            Tolerance = 1e-6,
            Reason = GeluOfHalves,
        },
        new("gemma4", "gemma4")
        {
            Entries = [.. Rms, .. Gemma4, ("embedding_length_per_layer_input", 0)],
            With = ["rope_freqs*"],
            Without = ["output.weight"],
        },
        new("gemma4-shared", "gemma4")
        {
            Entries = [.. Rms, .. Gemma4, ("embedding_length_per_layer_input", 16), ("attention.shared_kv_layers", 3)],
            With = ["rope_freqs*"],
            Without = ["output.weight"],
        },
        new("glm4", "glm4") { Entries = [.. Rms, ("rope.dimension_count", 8)], With = ["*attn_q.bias", "*attn_k.bias", "*attn_v.bias"] },
        new("glm4-sections", "glm4") { Entries = [.. Rms, ("rope.dimension_count", 8), ("rope.dimension_sections", (int[])[2, 1, 1, 0])] },
        new("gpt2", "gpt2")
        {
            Entries = [.. Layer, .. AllHeads],
            With = ["*.bias", "*attn_qkv.weight"],
            Without = ["output.bias"],
        },
        new("gptneox-parallel", "gptneox")
        {
            Entries = [.. Layer, .. AllHeads, ("use_parallel_residual", true), ("rope.dimension_count", 4)],
            With = ["*.bias", "*attn_qkv.weight"],
            Without = ["output.bias"],
        },
        new("gptneox-serial", "gptneox")
        {
            Entries = [.. Layer, .. AllHeads, ("use_parallel_residual", false), ("rope.dimension_count", 4)],
            With = ["*.bias", "*attn_qkv.weight"],
            Without = ["output.bias"],
        },
        new("granite", "granite")
        {
            Entries = [.. Rms, ("embedding_scale", 3f), ("residual_scale", 0.5f), ("attention.scale", 0.2f), ("logit_scale", 2f)],
        },
        new("hunyuan-dense", "hunyuan-dense") { Entries = Rms },
        new("hunyuan_vl", "hunyuan_vl")
        {
            Entries = [.. Rms, ("rope.dimension_sections", (int[])[3, 3, 2, 0]), ("rope.scaling.alpha", 10f)],
        },
        new("internlm2", "internlm2") { Entries = Rms },
        new("jais", "jais")
        {
            Entries = [.. Layer, .. AllHeads, ("attention.max_alibi_bias", 8f)],
            With = ["*.bias", "*attn_qkv.weight"],
            Without = ["output.bias"],
        },
        new("jais2", "jais2") { Entries = [.. Layer, .. AllHeads], With = ["*.bias"], Without = ["output.bias"] },
        new("llama", "llama") { Entries = Rms, Without = ["output.weight"] },
        new("llama-biases", "llama")
        {
            Entries = Rms,
            With = ["*attn_*.bias", "*ffn_up.bias", "*ffn_gate.bias", "*ffn_down.bias", "rope_freqs*"],
            Without = ["*norm.bias"],
        },
        new("llama-fused", "llama") { Entries = Rms, With = ["*attn_qkv.weight"] },
        new("llada", "llada") { Entries = [.. Rms, .. AllHeads], With = ["rope_freqs.weight", "*attn_output.bias", "*ffn_up.bias"] },
        new("maincoder", "maincoder") { Entries = Rms },
        new("minicpm", "minicpm") { Entries = [.. Rms, ("embedding_scale", 2f), ("residual_scale", 0.5f), ("logit_scale", 0.7f)] },
        new("minicpm-defaults", "minicpm") { Entries = Rms },
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
        new("mpt", "mpt")
        {
            Entries = [.. Layer, ("attention.max_alibi_bias", 8f), ("attention.clamp_kqv", 0.8f)],
            With = ["*attn_qkv.weight"],
            Without = ["position_embd.weight", "*attn_?_norm.*", "*act.scales", "output.weight"],
        },
        new("mpt-learned", "mpt")
        {
            Entries = Layer,
            With = ["*.bias", "*attn_qkv.weight"],
            Without = ["*act.scales", "output.bias", "*attn_?_norm.*"],
        },
        new("nanbeige-loops", "nanbeige") { Entries = [.. Rms, ("num_loops", 2)] },
        new("nemotron", "nemotron") { Entries = [.. Layer, ("rope.dimension_count", 8)], With = ["*norm.bias"] },
        new("olmo", "olmo") { Entries = [.. Layer, ("attention.clamp_kqv", 0.8f)], Without = ["output.weight"] },
        new("olmo2", "olmo2") { Entries = Rms },
        new("olmo2-window", "olmo2") { Entries = [.. Rms, .. Window] },
        new("openelm", "openelm")
        {
            Entries =
            [
                .. Rms, ("block_count", 3), ("attention.head_count", (int[])[4, 6, 4]), ("attention.head_count_kv", (int[])[2, 3, 2]),
                ("attention.key_length", 16), ("attention.value_length", 16), ("feed_forward_length", (int[])[64, 96, 128]),
            ],
            With = ["*attn_qkv.weight"],
            Without = ["output.weight"],
        },
        new("orion", "orion") { Entries = Layer, With = ["*norm.bias"] },
        new("paddleocr", "paddleocr") { Entries = [.. Rms, ("rope.dimension_sections", (int[])[2, 3, 3, 0])] },
        new("pangu-embedded", "pangu-embedded") { Entries = Rms, With = ["*attn_?.bias", "*attn_output.bias"] },
        new("phi2", "phi2")
        {
            Entries = [.. Layer, ("rope.dimension_count", 8)],
            With = ["*.bias"],
        },
        new("phi3", "phi3") { Entries = Rms, With = ["*attn_qkv.weight"] },
        new("phi3-longrope", "phi3")
        {
            Entries =
            [
                .. Rms, ("rope.scaling.original_context_length", 64), ("rope.scaling.attn_factor", 1.2f),
                ("attention.sliding_window", 32),
            ],
            With = ["*attn_qkv.weight", "rope_factors*"],
        },
        new("plamo", "plamo") { Entries = Rms },
        new("plamo3", "plamo3")
        {
            Entries = [.. Rms, .. Window, ("rope.freq_base", 1e6f), ("rope.freq_base_swa", 1e4f)],
            With = ["*attn_qkv.weight"],
            Without = ["output.weight"],
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
        new("qwen", "qwen") { Entries = [.. Rms, .. AllHeads], With = ["*attn_qkv.weight", "*attn_qkv.bias"] },
        new("qwen2", "qwen2") { Entries = Rms, With = ["*attn_?.bias"] },
        // The reference engine does not read this architecture's epsilon and computes with 0.
        new("qwen2vl", "qwen2vl")
        {
            Entries = [("attention.layer_norm_rms_epsilon", 0f), ("rope.dimension_sections", (int[])[2, 3, 3, 0])],
            With = ["*attn_?.bias"],
        },
        new("qwen3", "qwen3") { Entries = [.. Rms, ("attention.key_length", 32), ("attention.value_length", 32)] },
        new("qwen3vl", "qwen3vl") { Entries = [.. Rms, ("rope.dimension_sections", (int[])[3, 3, 2, 0])] },
        new("refact", "refact") { Entries = [.. Rms, ("attention.head_count_kv", 1)] },
        new("seed_oss", "seed_oss") { Entries = Rms, With = ["*attn_?.bias"] },
        new("smollm3", "smollm3") { Entries = [.. Rms, ("block_count", 5)], Without = ["output.weight"] },
        new("stablelm-serial", "stablelm")
        {
            Entries = [.. Layer, ("rope.dimension_count", 4)],
            With = ["*norm.bias", "*attn_?.bias"],
            Without = ["*attn_?_norm.*"],
        },
        new("stablelm-parallel", "stablelm")
        {
            Entries = [.. Layer, ("rope.dimension_count", 4)],
            With = ["*norm.bias"],
            Without = ["*ffn_norm.*", "*attn_?_norm.bias"],
        },
        new("starcoder", "starcoder")
        {
            Entries = [.. Layer, ("attention.head_count_kv", 1)],
            With = ["*.bias", "*attn_qkv.weight"],
            Without = ["output.bias", "output.weight"],
        },
        new("starcoder2", "starcoder2")
        {
            Entries = Layer,
            With = ["*.bias"],
            Without = ["output.bias", "output.weight"],
        },
        new("talkie", "talkie") { Entries = [.. Rms, ("logit_scale", 0.5f)] },
        new("xverse", "xverse") { Entries = Rms },
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
