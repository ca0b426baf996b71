using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Hearth.Engine.Gguf;

/// <summary>The metadata of a GGUF file: typed values by key, in the file's order.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "Metadata is the field's name for this dictionary.")]
public sealed class GgufMetadata : IReadOnlyDictionary<string, GgufValue>
{
    private readonly OrderedDictionary<string, GgufValue> _values;

    internal GgufMetadata(OrderedDictionary<string, GgufValue> values) => _values = values;

    /// <summary>No values.</summary>
    public static GgufMetadata Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _values.Keys;

    /// <inheritdoc/>
    public IEnumerable<GgufValue> Values => _values.Values;

    /// <summary>The value of a key.</summary>
    /// <exception cref="GgufException">The key is absent.</exception>
    public GgufValue this[string key] => _values.TryGetValue(key, out GgufValue value) ? value : throw GgufException.MissingKey(key);

    /// <summary>Metadata from pairs, in their order.</summary>
    /// <exception cref="GgufException">A key is there twice.</exception>
    public static GgufMetadata FromPairs(IEnumerable<KeyValuePair<string, GgufValue>> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        OrderedDictionary<string, GgufValue> values = [];
        foreach ((string key, GgufValue value) in pairs)
        {
            if (!values.TryAdd(key, value))
            {
                throw GgufException.DuplicateKey(key);
            }
        }

        return new GgufMetadata(values);
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _values.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out GgufValue value) => _values.TryGetValue(key, out value);

    /// <summary>A text; null when the key is absent.</summary>
    /// <exception cref="GgufException">The value has another type.</exception>
    public string? GetString(string key) =>
        !TryGetValue(key, out GgufValue value) ? null
        : value.TryGetString(out string? text) ? text
        : throw Wrong(key, "a text (str)", value);

    /// <summary>An integer of any width; null when the key is absent.</summary>
    /// <exception cref="GgufException">The value has another type, or is above 2^63 - 1.</exception>
    public long? GetInteger(string key) =>
        !TryGetValue(key, out GgufValue value) ? null
        : value.TryGetInteger(out long number) ? number
        : throw Wrong(key, "an integer", value);

    /// <summary>A number; null when the key is absent.</summary>
    /// <exception cref="GgufException">The value has another type.</exception>
    public double? GetFloat(string key) =>
        !TryGetValue(key, out GgufValue value) ? null
        : value.TryGetFloat(out double number) ? number
        : throw Wrong(key, "a number", value);

    /// <summary>A boolean; null when the key is absent.</summary>
    /// <exception cref="GgufException">The value has another type.</exception>
    public bool? GetBoolean(string key) =>
        !TryGetValue(key, out GgufValue value) ? null
        : value.TryGetBoolean(out bool flag) ? flag
        : throw Wrong(key, "a boolean (bool)", value);

    /// <summary>An array of texts; null when the key is absent.</summary>
    /// <exception cref="GgufException">The value has another type.</exception>
    public IReadOnlyList<string>? GetStrings(string key) =>
        !TryGetValue(key, out GgufValue value) ? null
        : value.TryGetStrings(out IReadOnlyList<string>? texts) ? texts
        : throw Wrong(key, "an array of texts (arr[str])", value);

    /// <summary>An array of numbers; null when the key is absent. It may be the file's own array: do not change it.</summary>
    /// <exception cref="GgufException">The value has another type.</exception>
    public float[]? GetFloats(string key) =>
        !TryGetValue(key, out GgufValue value) ? null
        : value.TryGetFloats(out float[]? numbers) ? numbers
        : throw Wrong(key, "an array of numbers (arr[f32])", value);

    /// <summary>An array of integers; null when the key is absent. It may be the file's own array: do not change it.</summary>
    /// <exception cref="GgufException">The value has another type, or an item does not fit in 32 signed bits.</exception>
    public int[]? GetIntegers(string key) =>
        !TryGetValue(key, out GgufValue value) ? null
        : value.TryGetIntegers(out int[]? numbers) ? numbers
        : throw Wrong(key, "an array of integers that fit in 32 bits (arr[i32])", value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, GgufValue>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static GgufException Wrong(string key, string expected, GgufValue value) =>
        GgufException.WrongValueType(key, expected, $"{value.TypeName} ({value.ToText(4, 40)})");
}
