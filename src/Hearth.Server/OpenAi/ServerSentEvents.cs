using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.OpenAi;

/// <summary>
/// Writes a stream of events. Nothing is sent before the first flush, so that an early failure still gets its status.
/// </summary>
internal sealed class ServerSentEvents(HttpResponse response) : IDisposable
{
    private Utf8JsonWriter? _json;

    public bool HasStarted => _json is not null;

    /// <summary>Adds an event, to be sent with the next flush.</summary>
    /// <param name="body">Its data.</param>
    /// <param name="type">The type of the data.</param>
    /// <param name="name">Its name, in APIs that name events.</param>
    public void Write<T>(T body, JsonTypeInfo<T> type, string? name = null)
    {
        Start();
        if (name is not null)
        {
            Put(Encoding.UTF8.GetBytes($"event: {name}\n"));
        }

        Put("data: "u8);
        _json!.Reset(response.BodyWriter);
        JsonSerializer.Serialize(_json, body, type);
        Put("\n\n"u8);
    }

    /// <summary>Sends what was written.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (HasStarted)
        {
            await response.BodyWriter.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Adds the mark that ends OpenAI's streams.</summary>
    public void WriteEndMark()
    {
        Start();
        Put("data: [DONE]\n\n"u8);
    }

    /// <inheritdoc/>
    public void Dispose() => _json?.Dispose();

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(response.BodyWriter.GetSpan(bytes.Length));
        response.BodyWriter.Advance(bytes.Length);
    }

    private void Start()
    {
        if (_json is null)
        {
            // The types' own options say how text is escaped; the writer must not do more.
            _json = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { Encoder = OpenAiJson.Web.Options.Encoder, SkipValidation = true });
            response.ContentType = "text/event-stream; charset=utf-8";
            response.Headers.CacheControl = "no-cache";
            response.Headers["X-Accel-Buffering"] = "no";
        }
    }
}
