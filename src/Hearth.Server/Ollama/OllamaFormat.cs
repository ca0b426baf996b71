using System.Text.Json;
using Hearth.Server.Errors;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Ollama;

/// <summary>The <c>format</c> of a request: none, <c>"json"</c>, or a JSON Schema.</summary>
internal static class OllamaFormat
{
    private const string Field = "format";

    /// <summary>Refuses all but none.</summary>
    /// <exception cref="ApiException">An answer cannot be made so.</exception>
    public static void Check(RequestReader reader)
    {
        if (!reader.TryGet(Field, out JsonElement value) || (value.ValueKind == JsonValueKind.String && value.ValueEquals(string.Empty)))
        {
            return;
        }

        throw value.ValueKind == JsonValueKind.Object || (value.ValueKind == JsonValueKind.String && value.ValueEquals("json"))
            ? ApiException.Unsupported(Field, $"'{Field}' is not supported yet: answers are plain text")
            : OllamaErrors.Invalid($"invalid format: {value.GetRawText()}; expected \"json\" or a valid JSON Schema object");
    }
}
