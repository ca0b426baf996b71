namespace Hearth.Server.Observability;

/// <summary>Values that are looked up when they are wanted. Values with the same labels are added.</summary>
/// <param name="name">Its name.</param>
/// <param name="kind">What its values mean.</param>
/// <param name="help">What it says.</param>
/// <param name="labels">Names of its labels.</param>
/// <param name="read">Looks the values up.</param>
internal sealed class ObservedFamily(string name, MetricKind kind, string help, IReadOnlyList<string> labels, Func<IEnumerable<MetricSample>> read)
    : MetricFamily(name, kind, help, labels)
{
    /// <summary>A metric without labels.</summary>
    public ObservedFamily(string name, MetricKind kind, string help, Func<double> read)
        : this(name, kind, help, [], () => [new MetricSample(LabelValues.None, read())])
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<MetricSample> Read() =>
        [.. read().GroupBy(sample => sample.Labels).Select(series => new MetricSample(series.Key, series.Sum(sample => sample.Value)))];
}
