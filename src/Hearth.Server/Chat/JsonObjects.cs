using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hearth.Server.Chat;

/// <summary>Objects that come from outside, such as schemas and arguments.</summary>
internal static class JsonObjects
{
    private static readonly JsonDocumentOptions s_options = new() { AllowDuplicateProperties = false };

    /// <summary>Reads an object in which no name is there twice, which programs would read in different ways, and all texts are valid Unicode.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out JsonObject? value)
    {
        value = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, s_options);
            if (document.RootElement.ValueKind == JsonValueKind.Object && UnicodeCheck.FindBroken(document.RootElement) is null)
            {
                value = JsonObject.Create(document.RootElement.Clone());
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // It is no JSON, or has names that are no text; that is the answer.
        }

        return value is not null;
    }
}
