using Entry = (string Key, Hearth.Engine.Gguf.GgufValue Value);

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <summary>Every case; each has a reference result of the same name and a line in the manifest.</summary>
internal static partial class ModelCases
{
    private const string GeluOfHalves = "GELU is taken of 16-bit floats: values that differ in their last place may be rounded apart.";

    /// <summary>The cases, by their kinds.</summary>
    public static IReadOnlyList<ModelCase> All { get; } = [.. Contexts, .. Dense, .. Encoders, .. Mixtures, .. Options, .. Recurrent];

    private static Entry[] Rms => [("attention.layer_norm_rms_epsilon", 1e-5f)];

    private static Entry[] Layer => [("attention.layer_norm_epsilon", 1e-5f)];

    private static Entry[] AllHeads => [("attention.head_count_kv", 4)];

    // For models of many layers.
    private static Entry[] Narrow =>
    [
        ("embedding_length", 32), ("feed_forward_length", 32), ("attention.head_count", 2), ("attention.head_count_kv", 1),
        ("attention.key_length", 16), ("attention.value_length", 16),
    ];

    private static Entry[] Window => [("block_count", 4), ("attention.sliding_window", 16), ("attention.sliding_window_pattern", 2)];
}
