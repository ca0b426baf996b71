using Hearth.Engine.Scheduling;

namespace Hearth.Server.Hosting;

/// <summary>Where a model is on its way into memory and out of it.</summary>
internal enum InstanceState
{
    Unloaded,
    Loading,
    Loaded,
    Unloading,
}

/// <summary>What is loaded and unloaded as one. <see cref="ModelPool"/> owns its changing part, under its lock.</summary>
/// <param name="model">The model that it is one of; all of one model share their weights.</param>
/// <param name="keepAlive">How long it stays after its last request; null for the pool's.</param>
/// <param name="estimate">The memory that it will need.</param>
/// <param name="load">Loads it.</param>
internal sealed class ModelInstance(string model, Func<TimeSpan?> keepAlive, Func<MemoryEstimate> estimate, Func<IDisposable> load)
{
    public string Model => model;

    public TimeSpan? DefaultKeepAlive => keepAlive();

    public Func<IDisposable> Load => load;

    public InstanceState State { get; set; }

    /// <summary>The loaded model.</summary>
    public IDisposable? Value { get; set; }

    /// <summary>What it needs, as of the last time that it was wanted.</summary>
    public MemoryEstimate Estimate { get; set; }

    /// <summary>Requests that use it.</summary>
    public int Leases { get; set; }

    /// <summary>Whether it is to go for others, so that new requests queue behind those.</summary>
    public bool IsRetiring { get; set; }

    /// <summary>Whether it is to go as soon as nobody uses it.</summary>
    public bool UnloadsWhenIdle { get; set; }

    public DateTimeOffset LastUsed { get; set; }

    public TimeSpan KeepAlive { get; set; }

    /// <summary>When it goes unless it is used; null while it is used, or for never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public ITimer? Timer { get; set; }

    /// <summary>Completed when it has gone.</summary>
    public TaskCompletionSource? Gone { get; set; }

    public bool IsIdle => State == InstanceState.Loaded && Leases == 0;

    public bool CanBeLeased => State == InstanceState.Loaded && !IsRetiring && !UnloadsWhenIdle;

    /// <summary>Whether <see cref="Estimate"/> is of what would be loaded now.</summary>
    public bool IsMeasured { get; set; }

    public MemoryEstimate Measure() => estimate();
}
