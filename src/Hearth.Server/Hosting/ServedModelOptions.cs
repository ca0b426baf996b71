using Hearth.Engine.Scheduling;

namespace Hearth.Server.Hosting;

/// <summary>How a model is served.</summary>
public sealed record ServedModelOptions
{
    /// <summary>How it is loaded.</summary>
    public LanguageModelOptions Load { get; init; } = new();

    /// <summary>How long it stays loaded after its last request; null for the host's.</summary>
    public TimeSpan? KeepAlive { get; init; }
}
