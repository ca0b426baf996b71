using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Observability;

/// <summary><c>GET /metrics</c>.</summary>
internal sealed class MetricsRoute(ServerMetrics metrics)
{
    // llama-server's.
    private const string StartTimeHeader = "Process-Start-Time-Unix";

    public Task HandleAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.Headers[StartTimeHeader] = ProcessMetrics.StartTime.ToString("F0", CultureInfo.InvariantCulture);
        return context.Response.WriteAsync(metrics.ToText(), context.RequestAborted);
    }
}
