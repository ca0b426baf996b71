using Hearth.Server.Access;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.Logging;
using Hearth.Server.Observability;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ui.Chat;

/// <summary>What a page asks of a model: it counts for the page's key, is measured and remembered, as what comes by HTTP.</summary>
internal static class PageRequest
{
    private const string Name = "this page";

    /// <summary>Runs one.</summary>
    /// <param name="host">The models.</param>
    /// <param name="journal">Where it is remembered for a while.</param>
    /// <param name="key">Whose request it is.</param>
    /// <param name="workAsync">The work.</param>
    public static async Task RunAsync(ModelHost host, RequestJournal journal, PageKey key, Func<Task> workAsync)
    {
        RequestRecord record = journal.Begin(ChatNode.NewId(), Name);
        RequestMeasurement measurement = new(RequestApi.Page, RequestKind.Chat);
        measurement.Follow();
        int status = StatusCodes.Status200OK;
        try
        {
            key.Begin(KeyScope.Inference);
            await workAsync();
        }
        catch (OperationCanceledException)
        {
            status = StatusCodes.Status499ClientClosedRequest;
            measurement.Cancel();
            throw;
        }
        catch (Exception exception)
        {
            ApiException error = ErrorTable.Describe(exception);
            status = error.Status;
            measurement.Fail(error, isStopped: false);
            throw;
        }
        finally
        {
            record.End(status);
            host.Metrics.Requests.Record(measurement);
        }
    }
}
