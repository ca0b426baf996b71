using System.Diagnostics;

namespace Hearth.Server.Observability;

/// <summary>The program itself, under the names that Prometheus' own libraries use.</summary>
internal static class ProcessMetrics
{
    private static readonly string s_version = typeof(ProcessMetrics).Assembly.GetName().Version!.ToString(3);

    private static readonly Lazy<double> s_startTime = new(ReadStartTime);

    /// <summary>When the program began, in seconds since 1970.</summary>
    public static double StartTime => s_startTime.Value;

    /// <summary>The metrics.</summary>
    public static IEnumerable<MetricFamily> Families =>
    [
        new ObservedFamily("hearth_info", MetricKind.Gauge, "The program's version; the value is 1.", ["version"], () => [new MetricSample(new LabelValues(s_version), 1)]),
        new ObservedFamily("process_start_time_seconds", MetricKind.Gauge, "When the program began, in seconds since 1970.", () => StartTime),
        new ObservedFamily("process_cpu_seconds_total", MetricKind.Counter, "Processor time that the program used.", () => Environment.CpuUsage.TotalTime.TotalSeconds),
        new ObservedFamily("process_resident_memory_bytes", MetricKind.Gauge, "Memory that the program has, mapped model files included.", () => Environment.WorkingSet),
    ];

    private static double ReadStartTime()
    {
        using Process process = Process.GetCurrentProcess();
        return (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }
}
