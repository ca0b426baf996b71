using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Server.Chat;
using Hearth.Server.Errors;

namespace Hearth.Server.OpenAi;

/// <summary>
/// Reads the fields of a request's JSON object, each with its type and range, and refuses fields that nobody read: an option
/// is never accepted and ignored. A field that is null counts as absent.
/// </summary>
internal sealed class RequestReader
{
    private readonly JsonElement _root;
    private readonly string _path;
    private readonly HashSet<string> _read = [];

    /// <summary>Is told the path of each field that the readers of its flow look for, so that lists of fields can be compared with the code.</summary>
    internal static AsyncLocal<Action<string>?> Watcher { get; } = new();

    public RequestReader(JsonElement root, string path = "")
    {
        _root = root.ValueKind == JsonValueKind.Object ? root : throw ApiException.Invalid($"{Subject(path)} must be a JSON object, not {Describe(root)}.", path.Length == 0 ? null : path);
        _path = path;
    }

    public bool TryGet(string name, out JsonElement value)
    {
        See(name);
        return _root.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    public string? Text(string name) => !TryGet(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.String ? Text(value, name) : throw Wrong(name, "a string", value);

    public bool? Flag(string name) => !TryGet(name, out JsonElement value) ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "true or false", value);

    public double? Number(string name) => !TryGet(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw Wrong(name, "a number", value);

    public int? Integer(string name, int minimum = int.MinValue, int maximum = int.MaxValue)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        long number = value.ValueKind == JsonValueKind.Number && TryGetWhole(value, out long whole) ? whole : throw Wrong(name, "a whole number", value);
        return number >= minimum && number <= maximum ? (int)number : throw Range(name, value, minimum, maximum);
    }

    public long? Long(string name) => !TryGet(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && TryGetWhole(value, out long whole) ? whole : throw Wrong(name, "a whole number", value);

    /// <summary>Ollama's <c>keep_alive</c>: how long the model stays loaded after the request; null when nothing is said.</summary>
    public TimeSpan? KeepAlive()
    {
        const string Name = "keep_alive";
        if (!TryGet(Name, out JsonElement value))
        {
            return null;
        }

        try
        {
            return value.ValueKind == JsonValueKind.String ? Hosting.KeepAlive.Parse(Text(value, Name)) : Hosting.KeepAlive.FromSeconds(Number(Name)!.Value);
        }
        catch (FormatException exception)
        {
            throw ApiException.Invalid($"'{Path(Name)}': {exception.Message}", Path(Name), "invalid_value");
        }
    }

    /// <summary>One text or an array of texts.</summary>
    public IReadOnlyList<string> Texts(string name, int maximum)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return [Text(value, name)];
        }

        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            throw Wrong(name, "a string or an array of strings", value);
        }

        return value.GetArrayLength() <= maximum
            ? [.. value.EnumerateArray().Select(item => Text(item, name))]
            : throw ApiException.Invalid($"'{Path(name)}' may have at most {maximum} entries, not {value.GetArrayLength()}.", Path(name), "invalid_value");
    }

    /// <summary>An array's token ids.</summary>
    public List<int> Tokens(JsonElement value, string name, int vocabulary) => [.. value.EnumerateArray().Select(item =>
        item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int token) && token >= 0 && token < vocabulary
            ? token
            : throw Wrong(name, $"token ids from 0 to {vocabulary - 1}", item))];

    /// <summary>Text that must be there and not be empty.</summary>
    public string RequiredText(string name, string meaning) => Text(name) switch
    {
        null => throw ApiException.Invalid($"'{Path(name)}' is missing: {meaning}.", Path(name), "missing_required_parameter"),
        "" => throw ApiException.Invalid($"'{Path(name)}' is empty.", Path(name), "invalid_value"),
        string text => text,
    };

    /// <summary>The conversation of a request to chat: a list that must be there and have at least one message.</summary>
    public IEnumerable<JsonElement> Messages()
    {
        const string Name = "messages";
        JsonElement list = TryGet(Name, out JsonElement value) ? value
            : throw ApiException.Invalid($"'{Name}' is missing: the conversation to answer.", Name, "missing_required_parameter");
        return list.ValueKind != JsonValueKind.Array ? throw Wrong(Name, "an array", list)
            : list.GetArrayLength() == 0 ? throw ApiException.Invalid($"'{Name}' is empty: give at least one message.", Name, "invalid_value")
            : list.EnumerateArray();
    }

    /// <summary>An object within, to be read with its own reader.</summary>
    public RequestReader? Object(string name) => TryGet(name, out JsonElement value) ? new RequestReader(value, Path(name)) : null;

    /// <summary>A JSON object as it is, such as a schema. Names that are there twice are refused, and text that is none.</summary>
    public JsonObject Schema(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(name, "an object", value);
        }

        return JsonObjects.TryParse(value.GetRawText(), out JsonObject? parsed)
            ? parsed
            : throw ApiException.Invalid($"'{Path(name)}' has a name twice, or text that is not valid Unicode.", Path(name), "invalid_value");
    }

    /// <summary>Refuses a field that is known but not supported, unless its value is the one that changes nothing.</summary>
    public void Refuse(string name, Func<JsonElement, bool> changesNothing, string hint)
    {
        if (TryGet(name, out JsonElement value) && !changesNothing(value))
        {
            throw ApiException.Unsupported(Path(name), $"'{Path(name)}' is not supported{hint}.");
        }
    }

    /// <summary>Takes fields that say something about the request and have no effect on the answer.</summary>
    public void Note(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            See(name);
        }
    }

    /// <summary>Refuses every field that was not read.</summary>
    public void End()
    {
        foreach (JsonProperty property in _root.EnumerateObject())
        {
            if (!_read.Contains(property.Name))
            {
                throw ApiException.Unsupported(Path(property.Name), $"Unrecognized request argument supplied: {Path(property.Name)}. Remove it.");
            }
        }
    }

    public string Path(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    public ApiException Wrong(string name, string expected, JsonElement found) =>
        ApiException.Invalid($"'{Path(name)}' must be {expected}, not {Describe(found)}.", Path(name), "invalid_type");

    /// <summary>A string's text; an unpaired surrogate in it is not text.</summary>
    public string Text(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid($"'{Path(name)}' is not valid Unicode text.", Path(name), "invalid_unicode");
        }
    }

    private void See(string name)
    {
        _read.Add(name);
        Watcher.Value?.Invoke(Path(name));
    }

    private ApiException Range(string name, JsonElement value, int minimum, int maximum)
    {
        string range = maximum == int.MaxValue && value.GetDouble() < minimum ? $"at least {minimum}" : minimum == int.MinValue ? $"at most {maximum}" : $"{minimum} to {maximum}";
        return ApiException.Invalid($"'{Path(name)}' must be {range}, not {value.GetRawText()}.", Path(name), "invalid_value");
    }

    private static bool TryGetWhole(JsonElement value, out long whole)
    {
        if (value.TryGetInt64(out whole))
        {
            return true;
        }

        // Clients of languages with one number type write 5.0 for 5.
        bool isWhole = value.TryGetDouble(out double number) && Math.Floor(number) == number && Math.Abs(number) < 1L << 53;
        whole = isWhole ? (long)number : 0;
        return isWhole;
    }

    private static string Subject(string path) => path.Length == 0 ? "The request body" : $"'{path}'";

    private static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => $"the number {(element.GetRawText() is { Length: <= 32 } text ? text : "given")}",
        JsonValueKind.Null => "null",
        _ => element.GetRawText(),
    };
}
