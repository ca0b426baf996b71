using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;

namespace Hearth.Server.Hosting;

/// <summary>How a model is served.</summary>
public sealed record ServedModelOptions
{
    /// <summary>How it is loaded.</summary>
    public LanguageModelOptions Load { get; init; } = new();

    /// <summary>How tokens are chosen in requests that say nothing else.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>How long it stays loaded after its last request; null for the host's.</summary>
    public TimeSpan? KeepAlive { get; init; }

    /// <summary>Whether it is loaded when the server starts.</summary>
    public bool Preload { get; init; }
}
