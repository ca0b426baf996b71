using Hearth.Engine.Models.Families;

namespace Hearth.Engine.Models;

/// <summary>Every family, one line each.</summary>
internal static class ModelFamilies
{
    /// <summary>The families in alphabetical order.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        new DeepSeek2Family(),
        new DeepSeek2OcrFamily(),
        new LlamaFamily(),
        new MiniCpm3Family(),
        new Mistral3Family(),
        new PlmFamily(),
        new Qwen2Family(),
    ];
}
