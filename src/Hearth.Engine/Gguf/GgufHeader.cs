using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Gguf;

/// <summary>The header of one file, parsed and checked. Format: GGUF specification (ggml, docs/gguf.md), versions 2 and 3.</summary>
internal sealed record GgufHeader(uint Version, GgufMetadata Metadata, IReadOnlyList<GgufTensor> Tensors, int Alignment, long DataOffset)
{
    public const uint Magic = 0x46554747;
    public const int DefaultAlignment = 32;
    public const int MinAlignment = 8;
    public const int MaxAlignment = 1 << 20;
    public const int MaxKeyBytes = 65535;
    public const int MaxDimensions = 4;

    // ggml holds 63 bytes; the specification's limit of 64 came with files of its time.
    public const int MaxTensorNameBytes = 1024;
    private const int MinPairBytes = 8 + 1 + 4 + 1;
    private const int MinTensorBytes = 8 + 1 + 4 + 4 + 8;

    /// <summary>Parses the header.</summary>
    /// <param name="bytes">The file's bytes from its beginning: all, or at least the header.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    /// <param name="part">The number of this part, from 0, for its tensors.</param>
    /// <exception cref="GgufException">Anything in it is not as it must be.</exception>
    public static GgufHeader Parse(ReadOnlySpan<byte> bytes, long fileLength, int part = 0)
    {
        CheckMagic(bytes);
        GgufCursor cursor = new(bytes);
        cursor.Take(4, "the magic number");
        uint version = ReadVersion(ref cursor);
        int tensorsAt = cursor.Position;
        ulong tensorCount = cursor.ReadUInt64("the number of tensors");
        int pairCount = cursor.ReadCount(MinPairBytes, "metadata entries");
        if (tensorCount > (ulong)(cursor.Remaining / MinTensorBytes))
        {
            throw GgufException.CountTooLarge("tensors", tensorCount, tensorsAt, cursor.Remaining);
        }

        OrderedDictionary<string, GgufValue> pairs = [];
        for (int i = 0; i < pairCount; i++)
        {
            string key = ReadKey(ref cursor);
            GgufValue value = GgufValueReader.Read(ref cursor, key);
            if (!pairs.TryAdd(key, value))
            {
                throw GgufException.DuplicateKey(key);
            }
        }

        GgufMetadata metadata = new(pairs);
        int alignment = ReadAlignment(metadata);
        List<TensorEntry> entries = ReadTensors(ref cursor, (int)tensorCount);
        long dataOffset = ((long)cursor.Position + alignment - 1) / alignment * alignment;
        return new GgufHeader(version, metadata, Place(entries, dataOffset, fileLength, alignment, part), alignment, dataOffset);
    }

    private static void CheckMagic(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("GGUF"u8))
        {
            return;
        }

        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, 24)];
        throw GgufException.NotGguf(start switch
        {
            _ when start.StartsWith("version https://git-lfs"u8) =>
                "\"version https://git-lfs\" (a Git LFS pointer: run 'git lfs pull' or download the file itself)",
            _ when start.StartsWith("<!"u8) || start.StartsWith("<html"u8) =>
                $"\"{Printable(start)}\" (a web page: the download went wrong)",
            _ when start.StartsWith("PK\u0003\u0004"u8) => "\"PK\" (a zip archive or PyTorch checkpoint: convert it to GGUF)",
            _ when start.StartsWith("tjgg"u8) || start.StartsWith("lmgg"u8) || start.StartsWith("fmgg"u8) =>
                $"\"{Printable(start[..4])}\" (a GGML file from before GGUF: convert the model again)",
            _ when start.Length > 9 && start[8] == '{' && start[7] == 0 => "a safetensors header (convert it to GGUF)",
            _ when start.StartsWith("FUGG"u8) => "\"FUGG\" (GGUF with its bytes swapped)",
            _ => $"\"{Printable(start)}\"",
        });
    }

    private static string Printable(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        foreach (byte value in bytes)
        {
            text.Append(value is >= 0x20 and < 0x7F and not (byte)'"' ? (char)value : '.');
        }

        return text.ToString();
    }

    private static uint ReadVersion(ref GgufCursor cursor)
    {
        uint version = cursor.ReadUInt32("the version");
        return version is 2 or 3 ? version
            : (version & 0xFFFF) == 0 && version != 0 ? throw GgufException.BigEndian()
            : throw GgufException.UnsupportedVersion(version);
    }

    private static string ReadKey(ref GgufCursor cursor) =>
        ReadName(ref cursor, "a metadata key", MaxKeyBytes, GgufException.InvalidKey);

    private static int ReadAlignment(GgufMetadata metadata)
    {
        if (!metadata.TryGetValue("general.alignment", out GgufValue value))
        {
            return DefaultAlignment;
        }

        return value.TryGetInteger(out long alignment) && alignment is >= MinAlignment and <= MaxAlignment && long.IsPow2(alignment)
            ? (int)alignment
            : throw GgufException.InvalidAlignment($"{value.TypeName} {value.ToText(4, 40)}", MinAlignment, MaxAlignment);
    }

    private static List<TensorEntry> ReadTensors(ref GgufCursor cursor, int count)
    {
        List<TensorEntry> tensors = new(count);
        HashSet<string> names = new(count);
        for (int i = 0; i < count; i++)
        {
            string name = ReadTensorName(ref cursor);
            if (!names.Add(name))
            {
                throw GgufException.DuplicateTensor(name);
            }

            tensors.Add(ReadTensor(ref cursor, name));
        }

        return tensors;
    }

    private static TensorEntry ReadTensor(ref GgufCursor cursor, string name)
    {
        uint dimensionCount = cursor.ReadUInt32("a tensor's number of dimensions");
        if (dimensionCount > MaxDimensions)
        {
            throw GgufException.InvalidDimensions(name, $"has {dimensionCount} dimensions; 1 to {MaxDimensions} are possible");
        }

        // A tensor without dimensions is a single number.
        Span<long> dimensions = stackalloc long[MaxDimensions];
        dimensions[0] = 1;
        long elements = 1;
        for (int axis = 0; axis < dimensionCount; axis++)
        {
            ulong dimension = cursor.ReadUInt64("a tensor's dimension");
            if (dimension == 0 || dimension > (ulong)(long.MaxValue / elements))
            {
                throw GgufException.InvalidDimensions(name, dimension == 0
                    ? $"has the length 0 along axis {axis}"
                    : $"has the length {dimension} along axis {axis}: more elements than 63 bits count");
            }

            dimensions[axis] = (long)dimension;
            elements *= (long)dimension;
        }

        uint typeId = cursor.ReadUInt32("a tensor's type");
        TensorTypeInfo type = TensorTypes.TryGet(typeId, out TensorTypeInfo known) ? known : throw Unknown(name, typeId);
        if (dimensions[0] % type.BlockElements != 0)
        {
            throw GgufException.PartialBlock(name, type, dimensions[0]);
        }

        ImmutableArray<long> shape = ImmutableArray.Create<long>(dimensions[..Math.Max(1, (int)dimensionCount)]);
        UInt128 length = (UInt128)(ulong)(elements / type.BlockElements) * (uint)type.BlockBytes;
        return new TensorEntry(name, type.Type, shape, cursor.ReadUInt64("a tensor's offset"), length);
    }

    private static string ReadTensorName(ref GgufCursor cursor) =>
        ReadName(ref cursor, "a tensor's name", MaxTensorNameBytes, GgufException.InvalidTensorName);

    private static string ReadName(ref GgufCursor cursor, string what, int maxBytes, Func<string, long, GgufException> invalid)
    {
        int at = cursor.Position;
        ReadOnlySpan<byte> bytes = cursor.ReadBytes(what);
        return bytes.IsEmpty ? throw invalid("is empty", at)
            : bytes.Length > maxBytes ? throw invalid($"is {bytes.Length} bytes long; the limit is {maxBytes}", at)
            : Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes)
            : throw invalid("is not valid UTF-8", at);
    }

    private static GgufException Unknown(string name, uint type) => type switch
    {
        4 => GgufException.RetiredTensorType(name, type, "Q4_2"),
        5 => GgufException.RetiredTensorType(name, type, "Q4_3"),
        9 => GgufException.RetiredTensorType(name, type, "Q8_1"),
        15 => GgufException.RetiredTensorType(name, type, "Q8_K"),
        >= 31 and <= 33 => GgufException.RetiredTensorType(name, type, "Q4_0 repacked"),
        >= 36 and <= 38 => GgufException.RetiredTensorType(name, type, "IQ4_NL repacked"),
        _ => GgufException.UnknownTensorType(name, type),
    };

    private static List<GgufTensor> Place(List<TensorEntry> entries, long dataOffset, long fileLength, int alignment, int part)
    {
        List<GgufTensor> tensors = new(entries.Count);
        foreach (TensorEntry entry in entries)
        {
            if (entry.Offset % (ulong)alignment != 0)
            {
                throw GgufException.TensorMisaligned(entry.Name, entry.Offset, alignment);
            }

            UInt128 start = (UInt128)(ulong)dataOffset + entry.Offset;
            if (start + entry.Length > (UInt128)(ulong)fileLength)
            {
                throw GgufException.TensorOutOfBounds(entry.Name, start, entry.Length, fileLength);
            }

            tensors.Add(new GgufTensor(entry.Name, entry.Type, entry.Dimensions, part, (long)start, (long)entry.Length));
        }

        CheckOverlap(tensors);
        return tensors;
    }

    private static void CheckOverlap(List<GgufTensor> tensors)
    {
        GgufTensor[] byOffset = [.. tensors];
        Array.Sort(byOffset, (left, right) => left.Offset.CompareTo(right.Offset));
        for (int i = 1; i < byOffset.Length; i++)
        {
            if (byOffset[i - 1].Offset + byOffset[i - 1].ByteLength > byOffset[i].Offset)
            {
                throw GgufException.TensorsOverlap(byOffset[i - 1].Name, byOffset[i].Name, byOffset[i].Offset);
            }
        }
    }

    private sealed record TensorEntry(string Name, TensorType Type, ImmutableArray<long> Dimensions, ulong Offset, UInt128 Length);
}
