using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Observability;

/// <summary>Measures requests that ask models.</summary>
/// <param name="metrics">Where they are counted.</param>
internal sealed class RequestMeter(RequestMetrics metrics)
{
    /// <summary>Runs a request and counts it when it is over.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (RequestKind.OperationOf(context.Request) is not string operation)
        {
            await next(context);
            return;
        }

        RequestMeasurement measurement = new(RequestKind.ApiOf(context.Request), operation);
        measurement.Follow();
        using Activity? activity = GenAiTelemetry.Start(context.Request, operation);
        try
        {
            await next(context);
        }
        catch
        {
            measurement.Break();
            throw;
        }
        finally
        {
            metrics.Record(measurement);
            GenAiTelemetry.Record(measurement, activity);
        }
    }
}
