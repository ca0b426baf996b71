using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ollama;

/// <summary>Reads bodies of requests.</summary>
internal static class OllamaBody
{
    private const int MaxDepth = 64;

    /// <summary>The body as JSON, whatever content type it claims. All texts in it are valid Unicode.</summary>
    public static async Task<JsonDocument> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using MemoryStream buffer = new();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        byte[] bytes = buffer.ToArray();
        if (bytes.Length == 0)
        {
            throw OllamaErrors.Invalid("missing request body");
        }

        CheckTexts(bytes);
        return JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
    }

    // An escaped half of a surrogate pair is JSON and no text.
    private static void CheckTexts(byte[] bytes)
    {
        bool isText = Utf8.IsValid(bytes);
        try
        {
            Utf8JsonReader reader = new(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (isText && reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }
        }
        catch (InvalidOperationException)
        {
            isText = false;
        }

        if (!isText)
        {
            throw OllamaErrors.Invalid("the request body has text that is not valid Unicode");
        }
    }
}
