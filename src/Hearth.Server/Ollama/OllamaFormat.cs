using System.Text.Json;
using Hearth.Engine.Grammar;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Ollama;

/// <summary>The <c>format</c> of a request: none, <c>"json"</c> for any object, or a JSON Schema.</summary>
internal static class OllamaFormat
{
    private const string Field = "format";

    /// <summary>What the text of an answer must be; null for any text.</summary>
    /// <exception cref="ApiException">It is not a format, or not one that answers can be made to fit.</exception>
    public static GenerationConstraint? Read(RequestReader reader)
    {
        if (!reader.TryGet(Field, out JsonElement value) || (value.ValueKind == JsonValueKind.String && value.ValueEquals(string.Empty)))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && value.ValueEquals("json"))
        {
            return ConstraintCache.Shared.JsonObject();
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw OllamaErrors.Invalid($"invalid format: {value.GetRawText()}; expected \"json\" or a valid JSON Schema object");
        }

        try
        {
            return ConstraintCache.Shared.JsonSchema(value.GetRawText());
        }
        catch (GrammarException exception)
        {
            throw ApiException.Invalid($"invalid format: {exception.Message}", Field, "invalid_json_schema");
        }
    }
}
