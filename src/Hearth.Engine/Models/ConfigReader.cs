using System.Globalization;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Models;

/// <summary>Reads an architecture's metadata entries, each checked against the range that makes sense.</summary>
internal sealed class ConfigReader(GgufMetadata metadata, string architecture)
{
    private const int MaxDimension = 1 << 24;

    public string Architecture => architecture;

    /// <summary>A count that must be there.</summary>
    public int Count(string name, int minimum = 1, int maximum = MaxDimension) =>
        OptionalCount(name, minimum, maximum) ?? throw ModelException.MissingMetadata(Key(name));

    /// <summary>A count, or null when the entry is absent. A list must hold one value for all layers.</summary>
    public int? OptionalCount(string name, int minimum = 1, int maximum = MaxDimension)
    {
        string key = Key(name);
        if (!metadata.TryGetValue(key, out GgufValue value))
        {
            return null;
        }

        if (!value.IsArray)
        {
            return Check(key, metadata.GetInteger(key)!.Value, minimum, maximum);
        }

        int[] values = metadata.GetIntegers(key)!;
        return values.Length > 0 && !values.AsSpan().ContainsAnyExcept(values[0])
            ? Check(key, values[0], minimum, maximum)
            : throw ModelException.UnsupportedFeature(architecture, $"'{key}' with different values per layer");
    }

    /// <summary>A count for each layer, or null when the entry is absent; a single value counts for all.</summary>
    public IReadOnlyList<int>? OptionalCounts(string name, int layers, int minimum = 1, int maximum = MaxDimension)
    {
        string key = Key(name);
        if (!metadata.TryGetValue(key, out GgufValue value))
        {
            return null;
        }

        if (!value.IsArray)
        {
            int count = Check(key, metadata.GetInteger(key)!.Value, minimum, maximum);
            return Enumerable.Repeat(count, layers).ToArray();
        }

        int[] values = metadata.GetIntegers(key)!;
        if (values.Length < layers)
        {
            throw ModelException.InvalidMetadata(key, $"a list of {values.Length}", $"one value for each of the {layers} layers");
        }

        return [.. values.Take(layers).Select(count => Check(key, count, minimum, maximum))];
    }

    /// <summary>Small integers such as sections, or null when the entry is absent.</summary>
    public IReadOnlyList<int>? OptionalIntegers(string name) => metadata.GetIntegers(Key(name));

    /// <summary>A number that must be there.</summary>
    public float Number(string name, double minimum, double maximum) =>
        OptionalNumber(name, minimum, maximum) ?? throw ModelException.MissingMetadata(Key(name));

    /// <summary>A number, or null when the entry is absent.</summary>
    public float? OptionalNumber(string name, double minimum, double maximum)
    {
        string key = Key(name);
        return metadata.GetFloat(key) switch
        {
            null => null,
            double number when number >= minimum && number <= maximum => (float)number,
            double number => throw ModelException.InvalidMetadata(key, number.ToString(CultureInfo.InvariantCulture), $"{minimum} to {maximum}"),
        };
    }

    /// <summary>A layer's number from a list with one for each layer or from a number for all, or null when the entry is absent.</summary>
    public float? OptionalNumber(string name, int layer, double minimum, double maximum)
    {
        if (!IsList(name))
        {
            return OptionalNumber(name, minimum, maximum);
        }

        float[] numbers = metadata.GetFloats(Key(name))!;
        return layer < numbers.Length && numbers[layer] >= minimum && numbers[layer] <= maximum
            ? numbers[layer]
            : throw ModelException.InvalidMetadata(Key(name), $"a list of {numbers.Length}", $"a number from {minimum} to {maximum} for layer {layer}");
    }

    /// <summary>Numbers, one for each layer, or null when the entry is absent.</summary>
    public IReadOnlyList<float>? OptionalNumbers(string name) => metadata.GetFloats(Key(name));

    /// <summary>A number for each layer that must be there, under a key without the architecture; a single value counts for all.</summary>
    public float[] CommonNumbers(string key, int layers)
    {
        if (!metadata.TryGetValue(key, out GgufValue value))
        {
            throw ModelException.MissingMetadata(key);
        }

        float[] numbers = value.IsArray ? metadata.GetFloats(key)! : [.. Enumerable.Repeat((float)metadata.GetFloat(key)!.Value, layers)];
        return numbers.Length >= layers && Array.TrueForAll(numbers, float.IsFinite)
            ? numbers
            : throw ModelException.InvalidMetadata(key, value.ToText(4, 40), $"a number for each of the {layers} layers");
    }

    /// <summary>A yes or no, or null when the entry is absent.</summary>
    public bool? OptionalFlag(string name) => metadata.GetBoolean(Key(name));

    /// <summary>A yes or no for each layer, or null when the entry is absent.</summary>
    public IReadOnlyList<bool>? OptionalFlags(string name, int layers)
    {
        string key = Key(name);
        if (!metadata.TryGetValue(key, out GgufValue value))
        {
            return null;
        }

        return value.TryGetBooleans(out bool[]? flags) && flags.Length >= layers
            ? flags
            : throw ModelException.InvalidMetadata(key, value.ToText(4, 40), $"yes or no for each of the {layers} layers");
    }

    /// <summary>A text, or null when the entry is absent.</summary>
    public string? OptionalText(string name) => metadata.GetString(Key(name));

    /// <summary>A list of texts, or null when the entry is absent.</summary>
    public IReadOnlyList<string>? OptionalTexts(string name) => metadata.GetStrings(Key(name));

    /// <summary>Whether the entry is a list.</summary>
    public bool IsList(string name) => metadata.TryGetValue(Key(name), out GgufValue value) && value.IsArray;

    /// <summary>The length of the vocabulary: the entry of its own, or that of the token list.</summary>
    public int VocabularySize() => OptionalCount("vocab_size") ?? metadata.GetStrings("tokenizer.ggml.tokens")?.Count ?? throw ModelException.MissingMetadata(Key("vocab_size"));

    /// <summary>The number of token types of an encoder.</summary>
    public int TokenTypeCount() => (int)Math.Clamp(metadata.GetInteger("tokenizer.ggml.token_type_count") ?? 0, 0, 1024);

    private string Key(string name) => $"{architecture}.{name}";

    private static int Check(string key, long count, int minimum, int maximum) => count >= minimum && count <= maximum
        ? (int)count
        : throw ModelException.InvalidMetadata(key, count.ToString(CultureInfo.InvariantCulture), $"{minimum} to {maximum}");
}
