namespace Hearth.Engine.Tests.Models.Synthesis;

/// <content>Decoders with attention and dense feed-forward networks.</content>
internal static partial class ModelCases
{
    private static IReadOnlyList<ModelCase> Dense =>
    [
        new("llama", "llama") { Entries = RootMeanSquare, Without = ["output.weight"] },
        new("llama-biases", "llama") { Entries = RootMeanSquare, With = ["*attn_*.bias", "*ffn_up.bias", "*ffn_gate.bias", "*ffn_down.bias", "rope_freqs*"], Without = ["*norm.bias"] },
        new("llama-experts", "llama") { Entries = [.. RootMeanSquare, ("expert_count", 4), ("expert_used_count", 2)] },
        new("mistral3-temperature", "mistral3")
        {
            Entries =
            [
                .. RootMeanSquare, ("attention.temperature_scale", 0.3f), ("rope.scaling.type", "yarn"), ("rope.scaling.factor", 8f),
                ("rope.scaling.original_context_length", 16), ("rope.scaling.yarn_log_multiplier", 1f),
            ],
        },
        new("qwen2", "qwen2") { Entries = RootMeanSquare, With = ["*attn_?.bias"] },

        // The reference engine does not read this architecture's epsilon and computes with 0.
        new("qwen2vl", "qwen2vl")
        {
            Entries = [("attention.layer_norm_rms_epsilon", 0f), ("rope.dimension_sections", (int[])[2, 3, 3, 0])],
            With = ["*attn_?.bias"],
        },
    ];
}
