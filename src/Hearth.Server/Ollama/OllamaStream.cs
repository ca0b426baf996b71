using System.Buffers;
using System.Text.Json.Serialization.Metadata;
using Hearth.Server.Errors;
using Hearth.Server.Logging;
using Hearth.Server.Observability;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ollama;

/// <summary>A stream of JSON objects, each a line. Nothing is sent before the first flush, so that an early failure still gets its status.</summary>
internal sealed class OllamaStream(HttpContext context)
{
    private bool _hasStarted;

    /// <summary>Runs a stream; a failure after its first line becomes a line.</summary>
    public static async Task RunAsync(HttpContext context, Func<OllamaStream, Task> writeAsync)
    {
        OllamaStream stream = new(context);
        try
        {
            await writeAsync(stream);
            await stream.FlushAsync(context.RequestAborted);
        }
        catch (OperationCanceledException) when (stream._hasStarted && ServerDrain.HasEnded(context))
        {
            ApiException stopping = ServerDrain.Stopping();
            RequestMeasurement.Current?.Fail(stopping, isStopped: true);
            await stream.EndAsync(stopping, ServerDrain.ClientGone(context));
        }
        catch (Exception exception) when (stream._hasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            ApiException error = ErrorTable.Describe(exception);
            RequestMeasurement.Current?.Fail(error, isStopped: false);
            if (error.Status == StatusCodes.Status500InternalServerError)
            {
                ServerLog.StreamFailed(context, exception);
            }

            await stream.EndAsync(error, context.RequestAborted);
        }
    }

    /// <summary>Adds a line, to be sent with the next flush.</summary>
    public void Write<T>(T body, JsonTypeInfo<T> type)
    {
        HttpResponse response = context.Response;
        if (!_hasStarted)
        {
            _hasStarted = true;
            response.ContentType = "application/x-ndjson";
            response.Headers.CacheControl = "no-cache";
            response.Headers["X-Accel-Buffering"] = "no";
        }

        response.BodyWriter.Write(OllamaWriter.Encode(body, type));
        response.BodyWriter.Write("\n"u8);
    }

    /// <summary>Sends what was written.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_hasStarted)
        {
            await context.Response.BodyWriter.FlushAsync(cancellationToken);
        }
    }

    private async Task EndAsync(ApiException error, CancellationToken cancellationToken)
    {
        Write(OllamaErrors.Body(error), OllamaJson.Web.ErrorBody);
        await FlushAsync(cancellationToken);
    }
}
