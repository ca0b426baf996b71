using System.Collections.Immutable;
using System.Text.Json;

namespace Hearth.Engine.Conversion.Safetensors;

/// <summary>
/// Reads a header: one JSON object, a tensor's name to its <c>dtype</c>, <c>shape</c> and <c>data_offsets</c>, and <c>__metadata__</c>.
/// The data must follow each other without gaps, as the format asks.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>The most bytes that a header may have: the format's own limit.</summary>
    public const long MaxBytes = 100_000_000;

    private const int MaxTensors = 1 << 18;
    private const int MaxNameLength = 1024;
    private const int MaxRank = 8;
    private const int MaxDepth = 4;
    private const string MetadataKey = "__metadata__";

    /// <summary>The tensors, in the order of their data.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="json">The header.</param>
    /// <param name="dataStart">Where the data begin in the file.</param>
    /// <param name="dataLength">Bytes of data in the file.</param>
    /// <exception cref="SafetensorsException">The header is damaged.</exception>
    public static List<SafetensorsTensor> Read(string path, ReadOnlySpan<byte> json, long dataStart, long dataLength)
    {
        List<SafetensorsTensor> tensors = [];
        HashSet<string> names = [];
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            Expect(path, ref reader, JsonTokenType.StartObject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                reader.Read();
                if (name == MetadataKey)
                {
                    reader.Skip();
                    continue;
                }

                if (name.Length is 0 or > MaxNameLength || tensors.Count == MaxTensors || !names.Add(name))
                {
                    throw SafetensorsException.HeaderSyntax(
                        path,
                        tensors.Count == MaxTensors
                            ? $"has more than {MaxTensors} tensors"
                            : "has a tensor's name that is empty, too long or there twice");
                }

                tensors.Add(ReadTensor(path, name, ref reader, dataStart, dataLength));
            }

            // What may follow are spaces: reading on would find anything else.
            reader.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw SafetensorsException.HeaderSyntax(path, "is not sound JSON", exception);
        }

        tensors.Sort((a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Length.CompareTo(b.Length));
        CheckLayout(path, tensors, dataStart, dataLength);
        return tensors;
    }

    private static SafetensorsTensor ReadTensor(string path, string name, ref Utf8JsonReader reader, long dataStart, long dataLength)
    {
        string? type = null;
        ImmutableArray<long>? shape = null, offsets = null;
        Require(path, reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype":
                    type = reader.GetString();
                    break;
                case "shape":
                    shape = ReadIntegers(path, ref reader, MaxRank);
                    break;
                case "data_offsets":
                    offsets = ReadIntegers(path, ref reader, 2);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (type is null || shape is not { } dimensions || offsets is not { Length: 2 } range)
        {
            throw SafetensorsException.InvalidTensor(path, name, "must have dtype, shape and two data_offsets");
        }

        (long begin, long end) = (range[0], range[1]);
        if (begin > end || end > dataLength)
        {
            throw SafetensorsException.OutOfBounds(path, name, begin, end, dataLength);
        }

        CheckLength(path, name, type, dimensions, end - begin);
        return new SafetensorsTensor(name, type, dimensions, dataStart + begin, end - begin);
    }

    private static void CheckLength(string path, string name, string type, ImmutableArray<long> shape, long length)
    {
        int bits = SafetensorsType.Bits(type)
            ?? throw SafetensorsException.InvalidTensor(path, name, $"has elements of the type '{type}', which is not known");
        UInt128 total = (UInt128)bits;
        foreach (long dimension in shape)
        {
            // Without an empty axis no product that fits in a file is beyond 64 bits.
            total *= (UInt128)dimension;
            if (total > ulong.MaxValue && !shape.Contains(0))
            {
                throw SafetensorsException.WrongLength(path, name, length, "more than any file can hold");
            }
        }

        if (total != (UInt128)length * 8)
        {
            throw SafetensorsException.WrongLength(path, name, length, ((total + 7) / 8).ToString());
        }
    }

    private static void CheckLayout(string path, List<SafetensorsTensor> tensors, long dataStart, long dataLength)
    {
        long expected = dataStart;
        foreach (SafetensorsTensor tensor in tensors)
        {
            if (tensor.Offset != expected)
            {
                throw SafetensorsException.Layout(path, tensor.Name, expected - dataStart, tensor.Offset - dataStart);
            }

            expected += tensor.Length;
        }

        if (expected != dataStart + dataLength)
        {
            throw SafetensorsException.Trailing(path, expected - dataStart, dataLength);
        }
    }

    private static ImmutableArray<long> ReadIntegers(string path, ref Utf8JsonReader reader, int maximum)
    {
        Require(path, reader.TokenType == JsonTokenType.StartArray);
        ImmutableArray<long>.Builder values = ImmutableArray.CreateBuilder<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Require(path, values.Count < maximum && reader.TokenType == JsonTokenType.Number
                && reader.TryGetInt64(out long value) && value >= 0);
            values.Add(reader.GetInt64());
        }

        return values.ToImmutable();
    }

    private static void Expect(string path, ref Utf8JsonReader reader, JsonTokenType type) =>
        Require(path, reader.Read() && reader.TokenType == type);

    private static void Require(string path, bool condition)
    {
        if (!condition)
        {
            throw SafetensorsException.HeaderSyntax(path, "is not an object of tensors with counts that are whole numbers");
        }
    }
}
