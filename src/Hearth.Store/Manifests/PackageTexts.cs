using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Store.References;

namespace Hearth.Store.Manifests;

/// <summary>Reads what is packaged beside the weights.</summary>
/// <param name="read">Reads a small content: its digest, and the bytes that it may have.</param>
internal sealed class PackageTexts(Func<Digest, int, byte[]> read)
{
    private const int MaxTextBytes = 1024 * 1024;
    private const int MaxMessagesBytes = 8 * 1024 * 1024;
    private const int MaxLicenses = 100;

    /// <summary>The context that parameters ask for (<c>num_ctx</c>); null for none.</summary>
    public static long? ContextOf(JsonObject? parameters) =>
        parameters?["num_ctx"] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out double tokens) && tokens is >= 1 and <= int.MaxValue
            ? (long)tokens
            : null;

    public string? ReadLast(IEnumerable<Descriptor> layers, string what) => layers.LastOrDefault() is { } layer ? ReadText(layer, what) : null;

    /// <summary>The chat template of a layer; its text tells the language where none is given.</summary>
    public PackagedTemplate? ReadTemplate(Descriptor? layer, TemplateLanguage? language)
    {
        if (layer is null)
        {
            return null;
        }

        string text = ReadText(layer, "chat template");
        return new PackagedTemplate(language ?? TemplateLanguages.Tell(text), text);
    }

    public IReadOnlyList<string> ReadLicenses(IEnumerable<Descriptor> layers) => [.. layers.Take(MaxLicenses).Select(layer => ReadText(layer, "licence"))];

    public JsonObject? ReadParameters(IEnumerable<Descriptor> layers)
    {
        if (layers.LastOrDefault() is not { } layer)
        {
            return null;
        }

        try
        {
            // Ollama lets the last of two parameters with one name win.
            using JsonDocument document = JsonDocument.Parse(ReadBytes(layer, "parameters", MaxTextBytes));
            JsonObject parameters = [];
            foreach (JsonProperty parameter in document.RootElement.EnumerateObject())
            {
                parameters[parameter.Name] = CopyOf(parameter.Value);
            }

            return parameters;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ManifestException(
                $"The model's parameters are not a JSON object of numbers, truth values, texts and lists of texts: {ConfigReader.Printable(exception.Message)}",
                inner: exception);
        }
    }

    public IReadOnlyList<PackagedMessage> ReadMessages(IEnumerable<Descriptor> layers)
    {
        if (layers.LastOrDefault() is not { } layer)
        {
            return [];
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(ReadBytes(layer, "messages", MaxMessagesBytes));
            return [.. document.RootElement.EnumerateArray().Select(message => new PackagedMessage(
                message.GetProperty("role").GetString() ?? throw new KeyNotFoundException("a message has no role"),
                message.TryGetProperty("content", out JsonElement content) ? content.GetString() ?? string.Empty : string.Empty))];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ManifestException(
                $"The model's messages are not a JSON array of objects with 'role' and 'content': {ConfigReader.Printable(exception.Message)}",
                inner: exception);
        }
    }

    private static JsonNode? CopyOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => JsonValue.Create(value.GetString()),
        JsonValueKind.True or JsonValueKind.False => JsonValue.Create(value.GetBoolean()),
        JsonValueKind.Number => double.IsFinite(value.GetDouble()) ? JsonValue.Create(value.Clone()) : throw new JsonException("a parameter is too large"),
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(CopyOf)]),
        _ => throw new JsonException($"a parameter is a JSON {value.ValueKind}"),
    };

    private string ReadText(Descriptor layer, string what)
    {
        ReadOnlySpan<byte> bytes = ReadBytes(layer, what, MaxTextBytes);
        return Encoding.UTF8.GetString(bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes);
    }

    private byte[] ReadBytes(Descriptor layer, string what, int limit) => layer.Size <= limit
        ? read(layer.Digest, limit)
        : throw new ManifestException($"The model's {what} have {layer.Size} bytes; more than {limit} are not read.");
}
