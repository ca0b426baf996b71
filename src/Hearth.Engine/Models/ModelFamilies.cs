using Hearth.Engine.Models.Families;

namespace Hearth.Engine.Models;

/// <summary>Every family, one line each.</summary>
internal static class ModelFamilies
{
    /// <summary>The families in alphabetical order.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        new ArceeFamily(),
        new BertFamily(),
        new BitnetFamily(),
        new ChatGlmFamily(),
        new CogVlmFamily(),
        new DeepSeek2Family(),
        new DeepSeek2OcrFamily(),
        new DreamFamily(),
        new EncoderFamily(),
        new Ernie45Family(),
        new Exaone4Family(),
        new ExaoneFamily(),
        new Gemma2Family(),
        new Gemma3Family(),
        new GemmaFamily(),
        new Glm4Family(),
        new HunyuanFamily(),
        new JinaBert2Family(),
        new LladaFamily(),
        new LlamaEmbedFamily(),
        new LlamaFamily(),
        new MaincoderFamily(),
        new MiniCpm3Family(),
        new MiniCpmFamily(),
        new Mistral3Family(),
        new ModernBertFamily(),
        new Olmo2Family(),
        new Plamo3Family(),
        new PlmFamily(),
        new Qwen2Family(),
        new SeedOssFamily(),
    ];
}
