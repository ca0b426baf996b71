namespace Hearth.Server.Observability;

/// <summary>Sums that only grow.</summary>
internal sealed class CounterFamily : MetricFamily
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LabelValues, double> _series = [];

    /// <inheritdoc cref="MetricFamily" path="/param"/>
    public CounterFamily(string name, string help, params string[] labels)
        : base(name, MetricKind.Counter, help, labels)
    {
        if (labels.Length == 0)
        {
            _series[LabelValues.None] = 0;
        }
    }

    /// <summary>Adds to a series.</summary>
    /// <param name="amount">How much; not negative.</param>
    /// <param name="labels">The values of its labels.</param>
    public void Add(double amount, params string[] labels)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, Labels.Count);
        LabelValues key = new(labels);
        lock (_gate)
        {
            _series[key] = _series.GetValueOrDefault(key) + amount;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<MetricSample> Read()
    {
        lock (_gate)
        {
            return [.. _series.Select(series => new MetricSample(series.Key, series.Value))];
        }
    }
}
