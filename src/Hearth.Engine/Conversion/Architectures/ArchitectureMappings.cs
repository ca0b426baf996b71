namespace Hearth.Engine.Conversion.Architectures;

/// <summary>The types of models that can be converted.</summary>
internal static class ArchitectureMappings
{
    private static readonly ArchitectureMapping[] s_all =
    [
        LlamaMapping.Dense, LlamaMapping.Mixtral, LlamaMapping.Ministral3, QwenMapping.Qwen2, QwenMapping.Qwen3, QwenMapping.Qwen3Moe,
        GemmaMapping.Gemma, GemmaMapping.Gemma2, GemmaMapping.Gemma3, Phi3Mapping.Phi3,
    ];

    /// <summary>All values of <c>model_type</c>, in alphabetical order.</summary>
    public static IEnumerable<string> ModelTypes => s_all.SelectMany(mapping => mapping.ModelTypes).Order(StringComparer.Ordinal);

    /// <summary>The mapping of a type.</summary>
    /// <exception cref="ConversionException">There is none.</exception>
    public static ArchitectureMapping Get(string modelType) =>
        Array.Find(s_all, mapping => mapping.ModelTypes.Contains(modelType))
            ?? throw ConversionException.UnsupportedModel(modelType, ModelTypes);
}
