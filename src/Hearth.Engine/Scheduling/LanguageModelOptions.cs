using Hearth.Engine.Adapters;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Engine.Templates;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Scheduling;

/// <summary>How a model is loaded.</summary>
public sealed record LanguageModelOptions
{
    /// <summary>Threads that compute; 0 for one per physical core, fewer for models of less than 4 MiB for each.</summary>
    public int Threads { get; init; }

    /// <summary>Tokens of context; null for the model's own, as far as a quarter of the memory holds its cache.</summary>
    public int? ContextLength { get; init; }

    /// <summary>LoRA adapters that requests may use, numbered in this order.</summary>
    public IReadOnlyList<LoraAdapter> Adapters { get; init; } = [];

    /// <summary>The element of the key-value cache.</summary>
    public KvElementType CacheType { get; init; } = KvElementType.F16;

    /// <summary>Most sequences that may run at once.</summary>
    public const int MaxParallel = 256;

    /// <summary>Sequences that run at once, up to <see cref="MaxParallel"/>; further requests wait.</summary>
    public int Parallel { get; init; } = 16;

    /// <summary>
    /// Bytes that keys and values of all sequences may have together; null for four whole contexts (fewer with a smaller
    /// <see cref="Parallel"/>), as far as a quarter of the memory holds them. At least one context always fits.
    /// </summary>
    public long? CacheBytes { get; init; }

    /// <summary>Requests that may wait; more are refused.</summary>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>A folder that hot prefixes are saved to when the model goes and restored from when it comes; null for none.</summary>
    public string? PrefixFolder { get; init; }

    /// <summary>Whether and how several tokens are guessed ahead and verified in one step.</summary>
    public SpeculationOptions Speculation { get; init; } = new();

    /// <summary>A chat template to use instead of the file's; null for the file's.</summary>
    public ChatTemplateSource? ChatTemplate { get; init; }

    /// <summary>Is told of what goes wrong without stopping the model, such as prefixes that cannot be saved.</summary>
    public Action<string>? Warn { get; init; }
}
