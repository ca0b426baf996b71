namespace Hearth.Engine.Tests.Models.Synthesis;

/// <summary>Every case; each has a reference result of the same name and a line in the manifest.</summary>
internal static partial class ModelCases
{
    /// <summary>The cases, by their kinds.</summary>
    public static IReadOnlyList<ModelCase> All { get; } = [.. Dense];

    private static (string, Gguf.GgufValue)[] RootMeanSquare => [("attention.layer_norm_rms_epsilon", 1e-5f)];

    private static (string, Gguf.GgufValue)[] LayerNorm => [("attention.layer_norm_epsilon", 1e-5f)];
}
