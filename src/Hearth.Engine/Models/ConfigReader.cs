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

    /// <summary>A count, or null when the entry is absent.</summary>
    public int? OptionalCount(string name, int minimum = 1, int maximum = MaxDimension)
    {
        string key = Key(name);
        if (!metadata.TryGetValue(key, out GgufValue value))
        {
            return null;
        }

        if (value.IsArray)
        {
            return UniformCount(key, minimum, maximum);
        }

        long count = metadata.GetInteger(key)!.Value;
        return count >= minimum && count <= maximum ? (int)count : throw ModelException.InvalidMetadata(key, count.ToString(CultureInfo.InvariantCulture), $"{minimum} to {maximum}");
    }

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

    /// <summary>A text, or null when the entry is absent.</summary>
    public string? OptionalText(string name) => metadata.GetString(Key(name));

    /// <summary>The length of the vocabulary: the entry of its own, or that of the token list.</summary>
    public int VocabularySize() => OptionalCount("vocab_size") ?? metadata.GetStrings("tokenizer.ggml.tokens")?.Count ?? throw ModelException.MissingMetadata(Key("vocab_size"));

    private string Key(string name) => $"{architecture}.{name}";

    private int UniformCount(string key, int minimum, int maximum)
    {
        int[] values = metadata.GetIntegers(key)!;
        if (values.Length == 0 || values.AsSpan().ContainsAnyExcept(values[0]))
        {
            throw ModelException.UnsupportedFeature(architecture, $"'{key}' with different values per layer");
        }

        return values[0] >= minimum && values[0] <= maximum
            ? values[0]
            : throw ModelException.InvalidMetadata(key, values[0].ToString(CultureInfo.InvariantCulture), $"{minimum} to {maximum}");
    }
}
