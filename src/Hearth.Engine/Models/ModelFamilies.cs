using Hearth.Engine.Models.Families;

namespace Hearth.Engine.Models;

/// <summary>Every family, one line each.</summary>
internal static class ModelFamilies
{
    /// <summary>The families in alphabetical order.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        new ArceeFamily(),
        new BitnetFamily(),
        new ChatGlmFamily(),
        new CogVlmFamily(),
        new DeepSeek2Family(),
        new DeepSeek2OcrFamily(),
        new DreamFamily(),
        new Ernie45Family(),
        new ExaoneFamily(),
        new Exaone4Family(),
        new GemmaFamily(),
        new Gemma2Family(),
        new Gemma3Family(),
        new Glm4Family(),
        new HunyuanFamily(),
        new LladaFamily(),
        new LlamaFamily(),
        new LlamaEmbedFamily(),
        new MaincoderFamily(),
        new MiniCpmFamily(),
        new MiniCpm3Family(),
        new Mistral3Family(),
        new Olmo2Family(),
        new Plamo3Family(),
        new PlmFamily(),
        new Qwen2Family(),
        new SeedOssFamily(),
    ];
}
