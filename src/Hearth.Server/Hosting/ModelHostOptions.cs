using Hearth.Server.Settings;
using Hearth.Store;

namespace Hearth.Server.Hosting;

/// <summary>How much a process may have loaded, and for how long.</summary>
public sealed record ModelHostOptions
{
    /// <summary>Bytes of memory that loaded models may need together; null for seven eighths of what the process may use.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Models that may be loaded at once; null for as many as the memory holds.</summary>
    public int? MaxModels { get; init; }

    /// <summary>How long a model stays loaded after its last request, unless its settings or the request say otherwise.</summary>
    public TimeSpan KeepAlive { get; init; } = Hosting.KeepAlive.Default;

    /// <summary>How long a request waits for others to end, so that its model gets the memory of theirs.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Requests that may wait so; more are refused.</summary>
    public int MaxWaiting { get; init; } = 512;

    /// <summary>Settings of models that outlive the process; null for none.</summary>
    public SettingsStore? Settings { get; init; }

    /// <summary>Models that requests may name beside those that are registered; null for none.</summary>
    public ModelStore? Store { get; init; }

    /// <summary>Other names of models, such as one that a program asks for and cannot be told to change.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Is told of what goes wrong without stopping a model, such as prefixes that cannot be saved.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>What <see cref="MemoryBytes"/> is when nothing is said: the rest is for the program and for the system.</summary>
    public static long DefaultMemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8 * 7;
}
