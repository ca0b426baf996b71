using System.Text.Json;
using Hearth.Server.Chat;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Ollama;

/// <summary>Reads tools as Ollama has them: OpenAI's, with unknown fields ignored.</summary>
internal static class OllamaToolReader
{
    public static IReadOnlyList<ToolDefinition> Read(RequestReader reader) => !reader.TryGet("tools", out JsonElement value) ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select((tool, index) => Read(tool, $"tools[{index}]"))]
        : throw reader.Wrong("tools", "an array", value);

    private static ToolDefinition Read(JsonElement value, string path)
    {
        RequestReader reader = new(value, path);
        ToolReader.CheckType(reader);
        RequestReader function = reader.Object("function") ?? throw OllamaErrors.Invalid($"'{path}.function' is missing");
        return new ToolDefinition(
            function.RequiredText("name", "the function's name"),
            function.Text("description"),
            function.TryGet("parameters", out JsonElement parameters) ? function.Schema("parameters", parameters) : null)
        {
            IsStrict = function.Flag("strict") ?? false,
        };
    }
}
