using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hearth.Store.Packaging;

/// <summary>
/// Writes JSON byte for byte as Go's encoding/json does: compact, members as they stand, <c>&lt;</c>, <c>&gt;</c> and <c>&amp;</c> escaped. Docker's
/// and Ollama's programs are written in Go, and the digests of configs hang on every byte.
/// </summary>
internal static class GoJson
{
    private const double LeastPlain = 1e-6;
    private const double LeastExponential = 1e21;

    /// <summary>Reads an object whose members have one name each, and whose texts can all be written.</summary>
    /// <exception cref="JsonException">It is not one.</exception>
    public static JsonObject Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            JsonObject value = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject
                ?? throw new JsonException("it is no object");
            Append(new StringBuilder(), value);
            return value;
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException($"something in it cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>The bytes of a value.</summary>
    /// <exception cref="InvalidOperationException">A text in it is not valid Unicode, or a number too large.</exception>
    public static byte[] Encode(JsonNode value)
    {
        StringBuilder text = new();
        Append(text, value);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The bytes of a value and a line end, as Go's encoder of streams writes it.</summary>
    /// <exception cref="InvalidOperationException">A text in it is not valid Unicode, or a number too large.</exception>
    public static byte[] EncodeLine(JsonNode value) => [.. Encode(value), (byte)'\n'];

    /// <summary>A time as Go writes it: RFC 3339 in UTC, without zeros at the end of the fraction.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static void Append(StringBuilder text, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject members:
                char before = '{';
                foreach ((string name, JsonNode? member) in members)
                {
                    AppendText(text.Append(before), name);
                    Append(text.Append(':'), member);
                    before = ',';
                }

                text.Append(before == '{' ? "{}" : "}");
                break;
            case JsonArray items:
                text.Append('[');
                for (int index = 0; index < items.Count; index++)
                {
                    Append(index == 0 ? text : text.Append(','), items[index]);
                }

                text.Append(']');
                break;
            case JsonValue when value.GetValueKind() == JsonValueKind.String:
                AppendText(text, value.GetValue<string>());
                break;
            case JsonValue when value.GetValueKind() == JsonValueKind.Number:
                text.Append(Number(value.ToJsonString()));
                break;
            default:
                text.Append(value?.ToJsonString() ?? "null");
                break;
        }
    }

    private static void AppendText(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char character in value)
        {
            _ = character switch
            {
                '"' or '\\' => text.Append('\\').Append(character),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029' => text.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture)),
                _ => text.Append(character),
            };
        }

        text.Append('"');
    }

    // As JavaScript writes numbers: with an exponent only below 1e-6 and from 1e21 on.
    private static string Number(string json)
    {
        if (!json.AsSpan().ContainsAny('.', 'e', 'E'))
        {
            return json;
        }

        double value = double.Parse(json, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value))
        {
            throw new InvalidOperationException("a number is too large");
        }

        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        int exponent = shortest.IndexOf('E', StringComparison.Ordinal);
        return exponent < 0 ? shortest
            : Math.Abs(value) is >= LeastPlain and < LeastExponential ? decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)
            : $"{shortest.AsSpan(0, exponent)}e{shortest.AsSpan(exponent + 1, 1)}{shortest.AsSpan(exponent + 2).TrimStart('0')}";
    }
}
