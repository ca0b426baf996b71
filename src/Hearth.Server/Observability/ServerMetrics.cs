using System.Text;
using Hearth.Server.Hosting;

namespace Hearth.Server.Observability;

/// <summary>All that <c>GET /metrics</c> gives.</summary>
internal sealed class ServerMetrics
{
    private readonly ModelLabels _models = new();

    /// <summary>Metrics of a host, which is asked when they are read.</summary>
    public ServerMetrics(ModelHost host)
    {
        Requests = new RequestMetrics(_models);
        Scheduler = new SchedulerMetrics();
        Pool = new PoolMetrics(_models, Scheduler);
        Transfers = new TransferMetrics();
        Families =
        [
            .. Requests.Families,
            .. Scheduler.Families,
            .. Pool.Families,
            new ObservedFamily("hearth_loading_requests", MetricKind.Gauge, "Requests that wait for a model to be loaded, or for memory to load it.", () => host.WaitingRequests),
            new ObservedFamily("hearth_model_memory_bytes", MetricKind.Gauge, "Memory that models need which are loaded, by estimate.", ["model"], () => ReadMemory(host)),
            new ObservedFamily("hearth_memory_limit_bytes", MetricKind.Gauge, "Memory that loaded models may need together.", () => host.MemoryBytes),
            .. Transfers.Families,
            .. ProcessMetrics.Families,
        ];
        LlamaFamilies = [.. LlamaMetrics.Of(Scheduler)];
    }

    /// <summary>Requests that ask models.</summary>
    public RequestMetrics Requests { get; }

    /// <summary>What models do that are loaded.</summary>
    public SchedulerMetrics Scheduler { get; }

    /// <summary>Models on their way into memory and out of it.</summary>
    public PoolMetrics Pool { get; }

    /// <summary>Models that are pulled.</summary>
    public TransferMetrics Transfers { get; }

    /// <summary>Hearth's metrics.</summary>
    public IReadOnlyList<MetricFamily> Families { get; }

    /// <summary>The same numbers under llama-server's names.</summary>
    public IReadOnlyList<MetricFamily> LlamaFamilies { get; }

    /// <summary>All of them in Prometheus' text format.</summary>
    public string ToText()
    {
        StringBuilder text = new();
        foreach (MetricFamily family in Families.Concat(LlamaFamilies))
        {
            PrometheusText.Write(text, family);
        }

        return Scheduler.Loaded.Count > 0 ? text.ToString() : text.Append("# No active runners\n").ToString();
    }

    private IEnumerable<MetricSample> ReadMemory(ModelHost host) =>
        host.Loaded.Select(loaded => new MetricSample(new LabelValues(_models.Of(loaded.Model)), loaded.Bytes));
}
