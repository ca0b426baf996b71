using Entry = (string Key, Hearth.Engine.Gguf.GgufValue Value);

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <content>
/// Sequences longer than the context that a model was made for, and what makes up for it: scaled rotary positions, and windows. The 96
/// tokens of a reference reach four times as far as the models' contexts.
/// </content>
internal static partial class ModelCases
{
    private static Entry[] ShortContext => [.. Rms, ("context_length", 24)];

    private static Entry[] Yarn => [.. ShortContext, ("rope.scaling.type", "yarn"), ("rope.scaling.factor", 4f), ("rope.scaling.original_context_length", 24)];

    private static Entry[] ContextExperts => [("expert_count", 4), ("expert_used_count", 2), ("expert_feed_forward_length", 48)];

    private static IReadOnlyList<ModelCase> Contexts =>
    [
        new("context-none", "llama") { Entries = [.. ShortContext, ("rope.scaling.type", "none"), ("rope.scaling.factor", 4f)] },
        new("context-linear", "llama") { Entries = [.. ShortContext, ("rope.scaling.type", "linear"), ("rope.scaling.factor", 4f)] },
        new("context-linear-old", "llama") { Entries = [.. ShortContext, ("rope.scale_linear", 2.5f)] },
        new("context-magnitude", "llama") { Entries = [.. ShortContext, ("rope.scaling.attn_factor", 1.2f)] },
        new("context-frequencies", "llama") { Entries = [.. ShortContext, ("rope.freq_base", 500_000f)], With = ["rope_freqs*"] },
        new("context-alpha", "hunyuan_vl") { Entries = [.. ShortContext, ("rope.scaling.alpha", 10f)] },
        new("context-yarn", "llama") { Entries = [.. Yarn, ("rope.freq_base", 1_000_000f), ("rope.scaling.attn_factor", 1.3f)] },
        new("context-yarn-frequencies", "llama") { Entries = Yarn, With = ["rope_freqs*"] },
        new("context-yarn-betas", "mistral3")
        {
            Entries =
            [
                .. Yarn, ("rope.scaling.yarn_beta_fast", 2f), ("rope.scaling.yarn_beta_slow", 0.25f), ("rope.scaling.yarn_log_multiplier", 0.7f),
                ("rope.scaling.attn_factor", 0.9f),
            ],
        },
        new("context-yarn-extrapolation", "grok")
        {
            Entries = [.. Yarn, .. ContextExperts, ("rope.scaling.yarn_ext_factor", 0.6f), ("rope.scaling.yarn_beta_fast", 2f)],
        },
        new("context-longrope-long", "phi3")
        {
            Entries =
            [
                .. Rms, ("context_length", 96), ("rope.scaling.type", "longrope"), ("rope.scaling.original_context_length", 24),
                ("rope.scaling.attn_factor", 1.19f),
            ],
            With = ["rope_factors_*"],
        },
        new("context-longrope-short", "phi3")
        {
            Entries = [.. Rms, ("context_length", 8192), ("rope.scaling.type", "longrope"), ("rope.scaling.original_context_length", 4096)],
            With = ["rope_factors_*"],
        },
        new("context-window", "cohere2") { Entries = [.. Layer, .. Window, ("context_length", 24), ("logit_scale", 0.25f)], Without = ["output.weight"] },
        new("context-window-caps", "gemma2")
        {
            Entries = [.. ShortContext, .. Window, ("attn_logit_softcapping", 5f), ("final_logit_softcapping", 3f)],
            Without = ["output.weight"],
        },
        new("context-window-yarn", "olmo2") { Entries = [.. Yarn, .. Window, ("rope.scaling.attn_factor", 1.2f)] },
        new("context-window-sinks", "gpt-oss")
        {
            Entries = [.. Yarn, .. ContextExperts, ("attention.sliding_window", 16)],
            With = ["*attn_sinks.weight", "*attn_*.bias", "*exps.bias", "*gate_inp.bias"],
            Without = ["*norm.bias"],
        },
        new("context-window-bases", "gemma3")
        {
            Entries = [.. ShortContext, .. Window, ("rope.freq_base", 1_000_000f), ("rope.scaling.type", "linear"), ("rope.scaling.factor", 8f)],
        },
        new("context-biases", "bloom")
        {
            Entries = [.. Layer, ("context_length", 24), .. AllHeads],
            With = ["*.bias", "*attn_qkv.weight"],
            Without = ["output.bias"],
        },
    ];
}
