using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Hearth.Server.Observability;

/// <summary>Sends spans and metrics to a collector until it is disposed; then it sends what is left.</summary>
internal sealed class OtlpExport : IDisposable
{
    private const string ServiceName = "hearth";
    private const int FlushMilliseconds = 2000;
    private readonly Meter _meter = new(GenAiTelemetry.Name + ".State");
    private readonly TracerProvider _spans;
    private readonly MeterProvider _metrics;

    /// <summary>Begins to send.</summary>
    /// <param name="options">Where to.</param>
    /// <param name="metrics">What is counted of requests and models.</param>
    public OtlpExport(OtlpOptions options, ServerMetrics metrics)
    {
        foreach (MetricFamily family in metrics.Families.Where(family => family.Kind != MetricKind.Histogram))
        {
            Observe(family);
        }

        _spans = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(Describe)
            .AddSource(GenAiTelemetry.Name)
            .AddOtlpExporter(exporter => Configure(exporter, options, "v1/traces"))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(Describe)
            .AddMeter(GenAiTelemetry.Name, _meter.Name)
            .AddOtlpExporter(exporter => Configure(exporter, options, "v1/metrics"))
            .Build();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _spans.ForceFlush(FlushMilliseconds);
        _metrics.ForceFlush(FlushMilliseconds);
        _spans.Dispose();
        _metrics.Dispose();
        _meter.Dispose();
    }

    private static void Configure(OtlpExporterOptions exporter, OtlpOptions options, string path)
    {
        exporter.Protocol = options.UsesGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = options.UsesGrpc ? options.Endpoint : new Uri($"{options.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
    }

    // OTEL_SERVICE_NAME takes precedence.
    private static void Describe(ResourceBuilder resource) => resource
        .Clear()
        .AddService(ServiceName, serviceVersion: typeof(OtlpExport).Assembly.GetName().Version!.ToString(3))
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private void Observe(MetricFamily family)
    {
        IEnumerable<Measurement<double>> Read() => family.Read().Select(sample => new Measurement<double>(
            sample.Value, family.Labels.Zip(sample.Labels.Values, (label, value) => new KeyValuePair<string, object?>(label, value))));
        if (family.Kind == MetricKind.Counter)
        {
            _meter.CreateObservableCounter(family.Name, Read, unit: null, family.Help);
        }
        else
        {
            _meter.CreateObservableGauge(family.Name, Read, unit: null, family.Help);
        }
    }
}
