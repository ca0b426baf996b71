using System.Globalization;
using System.Text;

namespace Hearth.Server.Observability;

/// <summary>Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).</summary>
internal static class PrometheusText
{
    /// <summary>Its content type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes a metric with all its series.</summary>
    public static void Write(StringBuilder text, MetricFamily family)
    {
        string kind = family.Kind switch { MetricKind.Counter => "counter", MetricKind.Gauge => "gauge", _ => "histogram" };
        text.Append("# HELP ").Append(family.Name).Append(' ').Append(Escape(family.Help, inQuotes: false)).Append('\n');
        text.Append("# TYPE ").Append(family.Name).Append(' ').Append(kind).Append('\n');
        foreach (MetricSample sample in family.Read())
        {
            text.Append(family.Name).Append(sample.Suffix);
            WriteLabels(text, family.Labels, sample);
            text.Append(' ').Append(Format(sample.Value)).Append('\n');
        }
    }

    /// <summary>A value as the format has it.</summary>
    public static string Format(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static void WriteLabels(StringBuilder text, IReadOnlyList<string> names, MetricSample sample)
    {
        char separator = '{';
        void Add(string name, string value)
        {
            text.Append(separator).Append(name).Append("=\"").Append(Escape(value, inQuotes: true)).Append('"');
            separator = ',';
        }

        for (int i = 0; i < names.Count; i++)
        {
            Add(names[i], sample.Labels.Values[i]);
        }

        if (sample.Bound is double bound)
        {
            Add("le", Format(bound));
        }

        if (separator == ',')
        {
            text.Append('}');
        }
    }

    private static string Escape(string value, bool inQuotes)
    {
        string escaped = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return inQuotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
