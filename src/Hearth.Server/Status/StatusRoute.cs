using Hearth.Engine.Scheduling;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Status;

/// <summary><c>GET /status</c>: what <c>hearth status</c> makes its advice of.</summary>
internal sealed class StatusRoute(ModelHost host)
{
    public Task HandleAsync(HttpContext context)
    {
        ServerStatus status = new(
            typeof(StatusRoute).Assembly.GetName().Version!.ToString(3),
            host.MemoryBytes,
            host.UsedBytes,
            host.WaitingRequests,
            host.Options.MaxWaiting,
            [.. host.Models.SelectMany(served => host.StatusOf(served).Select(status => Queue(served, status)).OfType<QueueStatus>())],
            [.. host.LoadFailures.Latest.Select(failure => new FailedLoad(failure.Model, ErrorTable.Describe(failure.Exception).Message, failure.At))]);
        return context.Response.WriteAsJsonAsync(status, StatusJson.Web.ServerStatus, cancellationToken: context.RequestAborted);
    }

    private static QueueStatus? Queue(ServedModel served, InstanceStatus status) => status.Value is LanguageModel { Statistics: SchedulerStatistics statistics }
        ? new QueueStatus(served.Name, statistics.Running, statistics.Waiting, served.Options.Load.MaxWaiting)
        : null;
}
