namespace Hearth.Server.Hosting;

/// <summary>Models that could not be loaded the last time that somebody wanted them.</summary>
/// <param name="time">The clock.</param>
internal sealed class LoadFailures(TimeProvider time)
{
    private const int Most = 16;
    private readonly Lock _gate = new();
    private readonly List<LoadFailure> _latest = [];

    /// <summary>The latest failures, the oldest first.</summary>
    public IReadOnlyList<LoadFailure> Latest
    {
        get
        {
            lock (_gate)
            {
                return [.. _latest];
            }
        }
    }

    /// <summary>Keeps why a model could not be loaded.</summary>
    public void Add(string model, Exception exception)
    {
        lock (_gate)
        {
            _latest.RemoveAll(failure => failure.Model == model);
            _latest.Add(new LoadFailure(model, exception, time.GetUtcNow()));
            if (_latest.Count > Most)
            {
                _latest.RemoveAt(0);
            }
        }
    }

    /// <summary>Forgets a model, which has been loaded or is not there any more.</summary>
    public void Remove(string model)
    {
        lock (_gate)
        {
            _latest.RemoveAll(failure => failure.Model == model);
        }
    }
}

/// <summary>A model that could not be loaded.</summary>
/// <param name="Model">The model.</param>
/// <param name="Exception">Why.</param>
/// <param name="At">When.</param>
internal sealed record LoadFailure(string Model, Exception Exception, DateTimeOffset At);
