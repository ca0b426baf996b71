using Hearth.Engine.Scheduling;

namespace Hearth.Server.Observability;

/// <summary>Models on their way into memory and out of it.</summary>
/// <param name="models">Values of the label <c>model</c>.</param>
/// <param name="scheduler">What loaded models do.</param>
internal sealed class PoolMetrics(ModelLabels models, SchedulerMetrics scheduler)
{
    private const string Model = "model";
    private readonly CounterFamily _loads = new("hearth_model_loads_total", "Models that were loaded (outcome ok), or could not be (failed).", Model, "outcome");
    private readonly HistogramFamily _loadTime = new("hearth_model_load_duration_seconds", "Time that loading models took.", Buckets.Load, Model);

    private readonly CounterFamily _unloads = new(
        "hearth_model_unloads_total", "Models that went: for another one's memory (reason evicted), because nobody used them (idle), or because they were told to (asked).", Model, "reason");

    /// <summary>The metrics.</summary>
    public IEnumerable<MetricFamily> Families => [_loads, _loadTime, _unloads];

    /// <summary>Counts a model that has come.</summary>
    public void Loaded(string model, IDisposable value, TimeSpan elapsed)
    {
        _loads.Add(1, models.Of(model), RequestOutcome.Ok);
        _loadTime.Observe(elapsed.TotalSeconds, models.Of(model));
        if (value is LanguageModel language)
        {
            scheduler.Add(models.Of(model), language);
        }
    }

    /// <summary>Counts a model that could not be loaded.</summary>
    public void FailedToLoad(string model) => _loads.Add(1, models.Of(model), RequestOutcome.Failed);

    /// <summary>Counts a model that is going.</summary>
    public void Unloading(string model, UnloadReason reason) => _unloads.Add(1, models.Of(model), reason switch
    {
        UnloadReason.Evicted => "evicted",
        UnloadReason.Idle => "idle",
        _ => "asked",
    });

    /// <summary>Keeps what a model did that has gone.</summary>
    public void Gone(IDisposable value)
    {
        if (value is LanguageModel language)
        {
            scheduler.Remove(language);
        }
    }
}

/// <summary>Why a model goes.</summary>
internal enum UnloadReason
{
    /// <summary>Another one needs its memory.</summary>
    Evicted,

    /// <summary>Nobody has used it for long enough.</summary>
    Idle,

    /// <summary>Somebody said so, or its settings have changed.</summary>
    Asked,
}
