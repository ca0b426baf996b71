using Hearth.Engine.Scheduling;

namespace Hearth.Server.Observability;

/// <summary>What the models that continue text do, and did.</summary>
internal sealed class SchedulerMetrics
{
    private const string Model = "model";

    private static readonly (string Name, string Help, Func<SchedulerStatistics, double> Read)[] s_counters =
    [
        ("hearth_steps_total", "Steps of the network.", statistics => statistics.Steps),
        ("hearth_failed_steps_total", "Steps that failed.", statistics => statistics.FailedSteps),
        ("hearth_step_tokens_total", "Tokens that were computed in steps; divided by the steps, the size of batches.", statistics => statistics.StepTokens),
        ("hearth_step_sequences_total", "Requests that took part in steps; divided by the steps, how many share one.", statistics => statistics.StepSequences),
        ("hearth_preemptions_total", "Requests that gave their cache to older ones and were resumed later.", statistics => statistics.Preemptions),
    ];

    private readonly Lock _gate = new();
    private readonly Dictionary<LanguageModel, string> _loaded = [];
    private readonly Dictionary<string, double[]> _gone = new(StringComparer.Ordinal);

    public SchedulerMetrics() => Families =
    [
        .. s_counters.Select((counter, index) => new ObservedFamily(counter.Name, MetricKind.Counter, counter.Help, [Model], () => Sum(index))),
        Gauge("hearth_running_requests", "Requests that models work for.", statistics => statistics.Running),
        Gauge("hearth_waiting_requests", "Requests that wait for their turn at a loaded model.", statistics => statistics.Waiting),
        new ObservedFamily("hearth_cache_blocks", MetricKind.Gauge, "Blocks of 32 tokens of the cache: of running requests (state used), kept for others that begin alike (kept), or free.", [Model, "state"], ReadBlocks),
    ];

    /// <summary>The metrics.</summary>
    public IReadOnlyList<MetricFamily> Families { get; }

    /// <summary>The models that are loaded, under their labels.</summary>
    public IReadOnlyList<(string Model, SchedulerStatistics Statistics)> Loaded
    {
        get
        {
            lock (_gate)
            {
                return [.. _loaded.Select(loaded => (loaded.Value, loaded.Key.Statistics))];
            }
        }
    }

    /// <summary>Adds a model that has come.</summary>
    public void Add(string label, LanguageModel model)
    {
        lock (_gate)
        {
            _loaded[model] = label;
        }
    }

    /// <summary>Keeps the sums of a model that has gone.</summary>
    public void Remove(LanguageModel model)
    {
        lock (_gate)
        {
            if (_loaded.Remove(model, out string? label))
            {
                double[] before = _gone.GetValueOrDefault(label) ?? new double[s_counters.Length];
                _gone[label] = [.. s_counters.Select((counter, index) => before[index] + counter.Read(model.Statistics))];
            }
        }
    }

    private List<MetricSample> Sum(int counter)
    {
        lock (_gate)
        {
            return
            [
                .. _gone.Select(model => new MetricSample(new LabelValues(model.Key), model.Value[counter])),
                .. _loaded.Select(model => new MetricSample(new LabelValues(model.Value), s_counters[counter].Read(model.Key.Statistics))),
            ];
        }
    }

    private ObservedFamily Gauge(string name, string help, Func<SchedulerStatistics, double> read) => new(
        name, MetricKind.Gauge, help, [Model], () => Loaded.Select(loaded => new MetricSample(new LabelValues(loaded.Model), read(loaded.Statistics))));

    private IEnumerable<MetricSample> ReadBlocks() => Loaded.SelectMany(loaded =>
    {
        SchedulerStatistics statistics = loaded.Statistics;
        MetricSample Of(string state, int blocks) => new(new LabelValues(loaded.Model, state), blocks);
        return (MetricSample[])
        [
            Of("used", statistics.UsedBlocks),
            Of("kept", statistics.CachedBlocks),
            Of("free", statistics.CacheBlocks - statistics.UsedBlocks - statistics.CachedBlocks),
        ];
    });
}
