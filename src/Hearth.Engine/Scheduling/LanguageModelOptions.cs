using Hearth.Engine.Adapters;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Scheduling;

/// <summary>How a model is loaded.</summary>
public sealed record LanguageModelOptions
{
    /// <summary>Threads that compute; 0 for one per physical core.</summary>
    public int Threads { get; init; }

    /// <summary>Tokens of context; null for the model's own, as far as a quarter of the memory holds its cache.</summary>
    public int? ContextLength { get; init; }

    /// <summary>LoRA adapters that requests may use, numbered in this order.</summary>
    public IReadOnlyList<LoraAdapter> Adapters { get; init; } = [];

    /// <summary>The element of the key-value cache.</summary>
    public KvElementType CacheType { get; init; } = KvElementType.F16;
}
