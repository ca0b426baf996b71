using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hearth.Engine.Output.Replies;

/// <summary>
/// Arguments that are written as texts between tags, as JSON. A tool's schema says which of them are texts; the others are JSON already, and
/// what is not is a text after all.
/// </summary>
internal sealed class TaggedArguments
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly JsonObject? _parameters;
    private readonly List<KeyValuePair<string, string>> _arguments = [];

    internal TaggedArguments(CallReader reader, string name) =>
        _parameters = reader.Reply.TryGetTool(name, out ReplyTool? tool) ? tool.Parameters : null;

    internal int Count => _arguments.Count;

    /// <summary>Adds an argument; of several of the same name the last one counts.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="text">Its value.</param>
    /// <param name="isText">Whether it is a text, where the call itself says so; null to ask the schema.</param>
    internal void Add(string key, string text, bool? isText = null)
    {
        _arguments.RemoveAll(argument => argument.Key == key);
        bool mayBeJson = isText is bool known ? !known : MayBeJson(key, text);
        _arguments.Add(new KeyValuePair<string, string>(key, mayBeJson && AsJson(text) is string json ? json : Quote(text)));
    }

    /// <summary>All arguments as a JSON object.</summary>
    internal string ToJson() => $"{{{string.Join(", ", _arguments.Select(argument => $"{Quote(argument.Key)}: {argument.Value}"))}}}";

    private bool MayBeJson(string key, string text)
    {
        HashSet<string> types = TypesOf(_parameters, key);
        if (!types.Contains("string"))
        {
            return true;
        }

        return text.Trim() switch
        {
            "null" => types.Contains("null"),
            "true" or "false" => types.Contains("boolean"),
            string value => (types.Contains("number") || types.Contains("integer")) && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
        };
    }

    /// <summary>The types that a tool's schema says an argument has; none when it does not say.</summary>
    /// <param name="parameters">The schema of all arguments; or null.</param>
    /// <param name="key">The argument's name.</param>
    internal static HashSet<string> TypesOf(JsonObject? parameters, string key)
    {
        HashSet<string> types = [];
        AddTypes(parameters, (parameters?["properties"] as JsonObject)?[key], types, depth: 0);
        return types;
    }

    private static void AddTypes(JsonObject? parameters, JsonNode? schema, HashSet<string> types, int depth)
    {
        const int MaxDepth = 4;
        if (schema is not JsonObject definition || depth > MaxDepth)
        {
            return;
        }

        foreach (JsonNode? type in definition["type"] is JsonArray several ? several : [definition["type"]?.DeepClone()])
        {
            if (type is JsonValue value && value.TryGetValue(out string? name))
            {
                types.Add(name);
            }
        }

        if (definition["enum"] is JsonArray values && values.Any(value => value?.GetValueKind() == JsonValueKind.String) || definition["const"]?.GetValueKind() == JsonValueKind.String)
        {
            types.Add("string");
        }

        if (definition["$ref"] is JsonValue reference && reference.TryGetValue(out string? pointer))
        {
            AddTypes(parameters, Resolve(parameters, pointer), types, depth + 1);
        }

        foreach (string keyword in (string[])["anyOf", "oneOf", "allOf"])
        {
            foreach (JsonNode? variant in definition[keyword] as JsonArray ?? [])
            {
                AddTypes(parameters, variant, types, depth + 1);
            }
        }
    }

    private static JsonNode? Resolve(JsonObject? parameters, string pointer) => pointer.StartsWith("#/", StringComparison.Ordinal)
        ? pointer[2..].Split('/').Aggregate((JsonNode?)parameters, (node, name) => (node as JsonObject)?[name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)])
        : null;

    private static string? AsJson(string text)
    {
        JsonScanner scanner = new();
        string trimmed = text.Trim();
        for (int i = 0; i < trimmed.Length; i++)
        {
            JsonScanner.Result result = scanner.Push(trimmed[i]);
            if (result != JsonScanner.Result.More)
            {
                return result == JsonScanner.Result.Complete && i == trimmed.Length - 1 ? scanner.Output.ToString() : null;
            }
        }

        return scanner.End() ? scanner.Output.ToString() : null;
    }

    internal static string Quote(string text)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, s_options))
        {
            writer.WriteStringValue(text);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
