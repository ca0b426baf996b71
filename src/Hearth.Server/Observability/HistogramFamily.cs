namespace Hearth.Server.Observability;

/// <summary>Observations, counted by how large they are.</summary>
/// <param name="name">Its name.</param>
/// <param name="help">What it says.</param>
/// <param name="bounds">The upper bounds of its buckets, ascending; the last bucket has none.</param>
/// <param name="labels">Names of its labels.</param>
internal sealed class HistogramFamily(string name, string help, IReadOnlyList<double> bounds, params string[] labels)
    : MetricFamily(name, MetricKind.Histogram, help, labels)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LabelValues, Series> _series = [];

    /// <summary>The upper bounds of its buckets.</summary>
    public IReadOnlyList<double> Bounds => bounds;

    /// <summary>Counts an observation.</summary>
    public void Observe(double value, params string[] labels)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, Labels.Count);
        LabelValues key = new(labels);
        int bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket])
        {
            bucket++;
        }

        lock (_gate)
        {
            if (!_series.TryGetValue(key, out Series? series))
            {
                _series[key] = series = new Series(bounds.Count + 1);
            }

            series.Counts[bucket]++;
            series.Sum += value;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<MetricSample> Read()
    {
        List<MetricSample> samples = [];
        lock (_gate)
        {
            foreach ((LabelValues key, Series series) in _series)
            {
                long count = 0;
                for (int bucket = 0; bucket <= bounds.Count; bucket++)
                {
                    count += series.Counts[bucket];
                    samples.Add(new MetricSample(key, count, "_bucket", bucket < bounds.Count ? bounds[bucket] : double.PositiveInfinity));
                }

                samples.Add(new MetricSample(key, series.Sum, "_sum"));
                samples.Add(new MetricSample(key, count, "_count"));
            }
        }

        return samples;
    }

    private sealed class Series(int buckets)
    {
        public long[] Counts { get; } = new long[buckets];

        public double Sum { get; set; }
    }
}
