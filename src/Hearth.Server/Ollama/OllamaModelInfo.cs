using System.Text.Json.Nodes;
using Hearth.Engine.Gguf;

namespace Hearth.Server.Ollama;

/// <summary>A GGUF file's metadata as JSON.</summary>
internal static class OllamaModelInfo
{
    // These are shown elsewhere.
    private static readonly string[] s_left = ["general.name", "tokenizer.chat_template"];

    /// <summary>The metadata by its keys.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isVerbose">Whether arrays are written; otherwise they are null.</param>
    public static JsonObject Of(GgufFile file, bool isVerbose)
    {
        IEnumerable<KeyValuePair<string, JsonNode?>> entries = file.Metadata.Where(entry => !s_left.Contains(entry.Key))
            .Select(entry => KeyValuePair.Create(entry.Key, entry.Value.IsArray && entry.Value.Length > 0 && !isVerbose ? null : Write(entry.Value)))
            .Append(KeyValuePair.Create("general.parameter_count", (JsonNode?)file.Tensors.Sum(tensor => tensor.Elements)));
        return new JsonObject(entries.DistinctBy(entry => entry.Key).OrderBy(entry => entry.Key, StringComparer.Ordinal));
    }

    /// <summary>The metadata of a file.</summary>
    /// <exception cref="GgufException">It cannot be read.</exception>
    public static JsonObject Read(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        return Of(file, isVerbose: false);
    }

    private static JsonNode? Write(GgufValue value)
    {
        if (value.TryGetString(out string? text))
        {
            return text;
        }

        if (value.TryGetBoolean(out bool flag))
        {
            return flag;
        }

        if (value.TryGetInteger(out long whole))
        {
            return whole;
        }

        if (value.TryGetFloat(out double number))
        {
            return value.Type == GgufValueType.F32 ? WriteSingle((float)number) : double.IsFinite(number) ? number : null;
        }

        return value.TryGetStrings(out IReadOnlyList<string>? texts) ? new JsonArray([.. texts.Select(item => (JsonNode)item)])
            : value.ElementType == GgufValueType.Boolean && value.TryGetBooleans(out bool[]? flags) ? new JsonArray([.. flags.Select(item => (JsonNode)item)])
            : value.ElementType is not (GgufValueType.F32 or GgufValueType.F64) && value.TryGetIntegers(out int[]? integers) ? new JsonArray([.. integers.Select(item => (JsonNode)item)])
            : value.TryGetFloats(out float[]? floats) ? new JsonArray([.. floats.Select(WriteSingle)])
            : null;
    }

    // JSON has no infinite numbers.
    private static JsonNode? WriteSingle(float value) => float.IsFinite(value) ? value : null;
}
