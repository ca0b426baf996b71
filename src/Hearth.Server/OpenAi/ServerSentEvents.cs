using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Hearth.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.OpenAi;

/// <summary>
/// Writes a stream of <c>data:</c> events. Nothing is sent before the first event, so that an early failure still gets its status.
/// </summary>
internal sealed class ServerSentEvents(HttpResponse response)
{
    private static readonly byte[] s_prefix = "data: "u8.ToArray();
    private static readonly byte[] s_end = "\n\n"u8.ToArray();

    public bool HasStarted { get; private set; }

    public async Task WriteAsync<T>(T body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        Start();
        await response.Body.WriteAsync(s_prefix, cancellationToken);
        await JsonSerializer.SerializeAsync(response.Body, body, type, cancellationToken);
        await response.Body.WriteAsync(s_end, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    public async Task WriteErrorAsync(ApiException error, CancellationToken cancellationToken) =>
        await WriteAsync(OpenAiErrors.Body(error), OpenAiJson.Web.ErrorBody, cancellationToken);

    public async Task EndAsync(CancellationToken cancellationToken)
    {
        Start();
        await response.Body.WriteAsync("data: [DONE]\n\n"u8.ToArray(), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    private void Start()
    {
        if (!HasStarted)
        {
            HasStarted = true;
            response.ContentType = "text/event-stream; charset=utf-8";
            response.Headers.CacheControl = "no-cache";
            response.Headers["X-Accel-Buffering"] = "no";
        }
    }
}
