using System.Text.Json;
using System.Text.Unicode;

namespace Hearth.Engine.Conversion;

/// <summary>A value of a JSON file that knows its file and place, so that a value of the wrong kind is an error that names both.</summary>
internal readonly struct ConfigNode
{
    private const int MaxDepth = 64;
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = MaxDepth };
    private readonly JsonElement _element;
    private readonly string _path;
    private readonly string _place;

    private ConfigNode(JsonElement element, string path, string place)
    {
        _element = element;
        _path = path;
        _place = place;
    }

    /// <summary>The file.</summary>
    public string FilePath => _path;

    /// <summary>Whether this is an object.</summary>
    public bool IsObject => _element.ValueKind == JsonValueKind.Object;

    /// <summary>Whether this is an array.</summary>
    public bool IsArray => _element.ValueKind == JsonValueKind.Array;

    /// <summary>Whether this is a text.</summary>
    public bool IsText => _element.ValueKind == JsonValueKind.String;

    /// <summary>Whether this is true or false.</summary>
    public bool IsBoolean => _element.ValueKind is JsonValueKind.True or JsonValueKind.False;

    /// <summary>The value as JSON text.</summary>
    public string Json => _element.GetRawText();

    /// <summary>Reads a file whose value is an object.</summary>
    /// <exception cref="ConversionException">It is larger than <paramref name="maxBytes"/>, not JSON, or no object.</exception>
    public static ConfigNode Load(string path, long maxBytes)
    {
        ConfigNode node = Parse(path, maxBytes);
        return node.IsObject ? node : throw ConversionException.InvalidFile(path, "it is not a JSON object.");
    }

    /// <summary>Reads a file whose value is an array.</summary>
    /// <exception cref="ConversionException">It is larger than <paramref name="maxBytes"/>, not JSON, or no array.</exception>
    public static ConfigNode LoadArray(string path, long maxBytes)
    {
        ConfigNode node = Parse(path, maxBytes);
        return node.IsArray ? node : throw ConversionException.InvalidFile(path, "it is not a JSON array.");
    }

    /// <summary>An object's property, or null when it is absent or JSON's null.</summary>
    public ConfigNode? Find(string name)
    {
        try
        {
            return IsObject && _element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
                ? new ConfigNode(value, _path, name)
                : null;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("an object whose names are Unicode characters");
        }
    }

    /// <summary>The text.</summary>
    public string AsText()
    {
        try
        {
            return IsText ? _element.GetString()! : throw Wrong("a text");
        }
        catch (InvalidOperationException)
        {
            // Escapes of half a surrogate pair.
            throw Wrong("a text of Unicode characters");
        }
    }

    /// <summary>The whole number.</summary>
    public long AsInteger()
    {
        if (_element.ValueKind == JsonValueKind.Number)
        {
            if (_element.TryGetInt64(out long integer))
            {
                return integer;
            }

            if (_element.TryGetDouble(out double number) && Math.Abs(number) < long.MaxValue / 2 && number == Math.Floor(number))
            {
                return (long)number;
            }
        }

        throw Wrong("a whole number");
    }

    /// <summary>The number, finite.</summary>
    public double AsNumber() =>
        _element.ValueKind == JsonValueKind.Number && _element.TryGetDouble(out double number)
            && double.IsFinite(number) ? number : throw Wrong("a number");

    /// <summary>True or false.</summary>
    public bool AsBoolean() => IsBoolean ? _element.GetBoolean() : throw Wrong("true or false");

    /// <summary>An array's items.</summary>
    public IEnumerable<ConfigNode> Items()
    {
        if (!IsArray)
        {
            throw Wrong("an array");
        }

        foreach (JsonElement item in _element.EnumerateArray())
        {
            yield return new ConfigNode(item, _path, _place);
        }
    }

    /// <summary>An object's properties.</summary>
    public IEnumerable<(string Name, ConfigNode Value)> Properties()
    {
        if (!IsObject)
        {
            throw Wrong("an object");
        }

        foreach (JsonProperty property in _element.EnumerateObject())
        {
            string name = NameOf(property);
            yield return (name, new ConfigNode(property.Value, _path, name));
        }
    }

    private static ConfigNode Parse(string path, long maxBytes)
    {
        byte[] bytes = BoundedFile.Read(path, maxBytes);
        ReadOnlyMemory<byte> content = bytes;
        if (bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            content = content[3..];
        }

        // The parser looks at a text's bytes only when it is asked for.
        if (!Utf8.IsValid(content.Span))
        {
            throw ConversionException.InvalidFile(path, "it is not UTF-8.");
        }

        try
        {
            return new ConfigNode(JsonDocument.Parse(content, s_options).RootElement, path, "the file");
        }
        catch (JsonException exception)
        {
            throw ConversionException.InvalidFile(path, $"it is not sound JSON ({exception.Message}).", exception);
        }
    }

    private string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("an object whose names are Unicode characters");
        }
    }

    private ConversionException Wrong(string expected)
    {
        string raw = _element.GetRawText();
        return ConversionException.InvalidValue(
            _path, _place, $"must be {expected}, not {(raw.Length <= 60 ? raw : string.Concat(raw.AsSpan(0, 60), "..."))}");
    }
}
