namespace Hearth.Server.Observability;

/// <summary>A metric with all its series: what is written of it, and read by every exporter.</summary>
/// <param name="name">Its name, with its unit, as Prometheus has it.</param>
/// <param name="kind">What its values mean.</param>
/// <param name="help">What it says, in a line.</param>
/// <param name="labels">Names of its labels.</param>
internal abstract class MetricFamily(string name, MetricKind kind, string help, IReadOnlyList<string> labels)
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>What its values mean.</summary>
    public MetricKind Kind => kind;

    /// <summary>What it says.</summary>
    public string Help => help;

    /// <summary>Names of its labels.</summary>
    public IReadOnlyList<string> Labels => labels;

    /// <summary>Its values now, those of a series next to each other.</summary>
    public abstract IReadOnlyList<MetricSample> Read();
}

/// <summary>What the values of a metric mean.</summary>
internal enum MetricKind
{
    /// <summary>A sum that only grows.</summary>
    Counter,

    /// <summary>A value that comes and goes.</summary>
    Gauge,

    /// <summary>How many observations were at most each of some bounds, with their number and their sum.</summary>
    Histogram,
}

/// <summary>A value of a metric.</summary>
/// <param name="Labels">The values of its labels.</param>
/// <param name="Value">The value.</param>
/// <param name="Suffix">What follows the metric's name.</param>
/// <param name="Bound">Of a histogram's bucket, its upper bound.</param>
internal readonly record struct MetricSample(LabelValues Labels, double Value, string Suffix = "", double? Bound = null);
