using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>
/// A validator of JSON Schema as the specification reads, keyword by keyword. It knows nothing of the engine's automata, and compares numbers as
/// doubles, as validators do.
/// </summary>
internal sealed class SchemaValidator(JsonElement root)
{
    public static bool IsValid(string schema, string value)
    {
        using JsonDocument document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = 512 });
        try
        {
            using JsonDocument parsed = JsonDocument.Parse(value, new JsonDocumentOptions { MaxDepth = 512 });
            return new SchemaValidator(document.RootElement).IsValid(document.RootElement, parsed.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool IsValid(JsonElement schema, JsonElement value)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.ValueKind == JsonValueKind.True;
        }

        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            JsonElement argument = keyword.Value;
            bool valid = keyword.Name switch
            {
                "type" => argument.ValueKind == JsonValueKind.Array ? argument.EnumerateArray().Any(type => HasType(value, type.GetString()!)) : HasType(value, argument.GetString()!),
                "enum" => argument.EnumerateArray().Any(item => JsonElement.DeepEquals(item, value)),
                "const" => JsonElement.DeepEquals(argument, value),
                "allOf" => argument.EnumerateArray().All(part => IsValid(part, value)),
                "anyOf" => argument.EnumerateArray().Any(part => IsValid(part, value)),
                "oneOf" => argument.EnumerateArray().Count(part => IsValid(part, value)) == 1,
                "$ref" => IsValid(Resolve(argument.GetString()!), value),
                "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= argument.GetDouble(),
                "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= argument.GetDouble(),
                "exclusiveMinimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() > argument.GetDouble(),
                "exclusiveMaximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() < argument.GetDouble(),
                "multipleOf" => value.ValueKind != JsonValueKind.Number || value.GetDouble() % argument.GetDouble() == 0,
                "minLength" => value.ValueKind != JsonValueKind.String || LengthOf(value) >= argument.GetInt32(),
                "maxLength" => value.ValueKind != JsonValueKind.String || LengthOf(value) <= argument.GetInt32(),
                "pattern" => value.ValueKind != JsonValueKind.String || Matches(value.GetString()!, argument.GetString()!),
                "format" => value.ValueKind != JsonValueKind.String || HasFormat(value.GetString()!, argument.GetString()!),
                "minItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= argument.GetInt32(),
                "maxItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= argument.GetInt32(),
                "prefixItems" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Zip(argument.EnumerateArray()).All(pair => IsValid(pair.Second, pair.First)),
                "items" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Skip(PrefixLength(schema)).All(item => IsValid(argument, item)),
                "minProperties" => value.ValueKind != JsonValueKind.Object || Names(value).Count >= argument.GetInt32(),
                "maxProperties" => value.ValueKind != JsonValueKind.Object || Names(value).Count <= argument.GetInt32(),
                "required" => value.ValueKind != JsonValueKind.Object || argument.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
                "properties" => value.ValueKind != JsonValueKind.Object
                    || value.EnumerateObject().All(member => !argument.TryGetProperty(member.Name, out JsonElement part) || IsValid(part, member.Value)),
                "patternProperties" => value.ValueKind != JsonValueKind.Object || value.EnumerateObject().All(member =>
                    argument.EnumerateObject().All(part => !Matches(member.Name, part.Name) || IsValid(part.Value, member.Value))),
                "additionalProperties" => value.ValueKind != JsonValueKind.Object
                    || value.EnumerateObject().Where(member => IsOther(schema, member.Name)).All(member => IsValid(argument, member.Value)),
                "propertyNames" => value.ValueKind != JsonValueKind.Object
                    || value.EnumerateObject().All(member => IsValid(argument, JsonDocument.Parse(JsonSerializer.Serialize(member.Name)).RootElement)),
                "$defs" or "title" or "description" => true,
                _ => throw new NotSupportedException(keyword.Name),
            };
            if (!valid)
            {
                return false;
            }
        }

        return true;
    }

    // Expressions count characters; .NET counts halves of some.
    private static bool Matches(string text, string pattern) =>
        Regex.IsMatch(string.Concat(text.EnumerateRunes().Select(rune => rune.IsBmp ? rune.ToString() : "\uFFFD")), pattern, RegexOptions.CultureInvariant);

    private static HashSet<string> Names(JsonElement value) => [.. value.EnumerateObject().Select(member => member.Name)];

    private static int LengthOf(JsonElement value) => value.GetString()!.EnumerateRunes().Count();

    private static int PrefixLength(JsonElement schema) => schema.TryGetProperty("prefixItems", out JsonElement prefix) ? prefix.GetArrayLength() : 0;

    private static bool IsOther(JsonElement schema, string name) =>
        !(schema.TryGetProperty("properties", out JsonElement properties) && properties.TryGetProperty(name, out _))
        && !(schema.TryGetProperty("patternProperties", out JsonElement patterns) && patterns.EnumerateObject().Any(pattern => Matches(name, pattern.Name)));

    private static bool HasType(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()),
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        "string" => value.ValueKind == JsonValueKind.String && value.GetString() is not null,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => throw new NotSupportedException(type),
    };

    private static bool HasFormat(string text, string format) => format switch
    {
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) || text.StartsWith("0000", StringComparison.Ordinal),
        "time" => DateTimeOffset.TryParse($"2020-01-01T{WithShortFraction(text)}", CultureInfo.InvariantCulture, out _) || IsFarOffset(text),
        "date-time" => DateTimeOffset.TryParse(WithShortFraction(text), CultureInfo.InvariantCulture, out _) || text.StartsWith("0000", StringComparison.Ordinal) || IsFarOffset(text),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "ipv4" => IPAddress.TryParse(text, out IPAddress? four) && four.AddressFamily == AddressFamily.InterNetwork && text.Count(character => character == '.') == 3,
        "ipv6" => IPAddress.TryParse(text, out IPAddress? six) && six.AddressFamily == AddressFamily.InterNetworkV6,
        "email" => Regex.IsMatch(text, @"^[^@\s.]+(\.[^@\s.]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"),
        "hostname" => text.Length <= 253 && Uri.CheckHostName(text) == UriHostNameType.Dns || Uri.CheckHostName(text) == UriHostNameType.IPv4 || Regex.IsMatch(text, "^[0-9.]+$"),
        "uri" => Regex.IsMatch(text, @"^[A-Za-z][A-Za-z0-9+.-]*://[^\s\\""<>^`{|}]+$") && text.All(character => character < 128),
        _ => throw new NotSupportedException(format),
    };

    // .NET knows offsets of up to 14 hours and instants from the year 1 to 9999 only.
    private static bool IsFarOffset(string text) => Regex.IsMatch(text, @"[+-](1[4-9]|2[0-3]):[0-5][0-9]$") || Regex.IsMatch(text, "^(0001-01-01|9999-12-31)");

    private static string WithShortFraction(string text) => Regex.Replace(text, @"(\.[0-9]{1,7})[0-9]*", "$1");

    private JsonElement Resolve(string reference)
    {
        JsonElement element = root;
        foreach (string part in reference.Split('/').Skip(1))
        {
            string name = part.Replace("~1", "/").Replace("~0", "~");
            element = element.ValueKind == JsonValueKind.Array ? element[int.Parse(name, CultureInfo.InvariantCulture)] : element.GetProperty(name);
        }

        return element;
    }
}
