using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Batches;

/// <summary>A line of a batch: a request to a route.</summary>
/// <param name="CustomId">What the client calls it.</param>
/// <param name="Body">The request's body, JSON.</param>
/// <param name="Model">The model that it names; null for none.</param>
internal sealed record BatchLine(string CustomId, byte[] Body, string? Model)
{
    // A body's depth and that of the line.
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 65 };

    /// <summary>Reads a line. What is wrong within the body is left to the route.</summary>
    /// <param name="content">The line.</param>
    /// <param name="endpoint">The route that the batch is for.</param>
    /// <exception cref="ApiException">It is not a request to it.</exception>
    public static BatchLine Parse(ReadOnlyMemory<byte> content, string endpoint)
    {
        if (!Utf8.IsValid(content.Span))
        {
            throw ApiException.Invalid("The line is not UTF-8 text.", null, "invalid_unicode");
        }

        using JsonDocument document = ParseJson(content);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw ApiException.Invalid("The line is not a JSON object.", null, "invalid_json_line");
        }

        if (UnicodeCheck.FindBroken(document.RootElement) is string path)
        {
            throw ApiException.Invalid("The line has text that is not valid Unicode.", path.Length == 0 ? null : path, "invalid_unicode");
        }

        RequestReader reader = new(document.RootElement);
        string customId = reader.RequiredText("custom_id", "what the answer is found by");
        Require(reader.RequiredText("method", "POST"), "POST", "method");
        Require(reader.RequiredText("url", "the batch's endpoint"), endpoint, "url");
        RequestReader body = reader.Object("body") ?? throw ApiException.Invalid("'body' is missing: the request.", "body", "missing_required_parameter");
        reader.End();
        if (body.TryGet("stream", out JsonElement stream) && stream.ValueKind != JsonValueKind.False)
        {
            throw ApiException.Unsupported("body.stream", "'body.stream' is not supported: the answers of a batch are not streamed.");
        }

        string? model = body.TryGet("model", out JsonElement named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null;
        return new BatchLine(customId, Encoding.UTF8.GetBytes(document.RootElement.GetProperty("body").GetRawText()), model);
    }

    private static JsonDocument ParseJson(ReadOnlyMemory<byte> content)
    {
        try
        {
            return JsonDocument.Parse(content, s_options);
        }
        catch (JsonException exception)
        {
            throw ApiException.Invalid($"The line is not valid JSON: {exception.Message}", null, "invalid_json_line");
        }
    }

    private static void Require(string found, string expected, string name)
    {
        if (found != expected)
        {
            throw ApiException.Invalid($"'{name}' must be '{expected}'.", name, name == "url" ? "mismatched_url" : "invalid_value");
        }
    }
}
