using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Gguf;

/// <summary>
/// Writes a GGUF file: metadata first, then the tensors in the order in which they were added, each through a callback that is
/// called when its turn comes, so that a model of any size is written without being held. The file appears under its name only
/// when it is whole.
/// </summary>
public sealed class GgufWriter
{
    private readonly OrderedDictionary<string, GgufValue> _metadata = [];
    private readonly List<PendingTensor> _tensors = [];
    private readonly HashSet<string> _names = [];

    /// <summary>A writer without metadata and tensors.</summary>
    public GgufWriter()
    {
    }

    /// <summary>A writer that begins with a file's metadata.</summary>
    public GgufWriter(IEnumerable<KeyValuePair<string, GgufValue>> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        foreach ((string key, GgufValue value) in metadata)
        {
            Set(key, value);
        }
    }

    /// <summary>
    /// Sets a metadata value; a key that is there keeps its place. <c>general.alignment</c> sets the alignment of the data, 32 without it.
    /// </summary>
    /// <exception cref="ArgumentException">The key is empty or too long, or the alignment is not a power of two of type u32.</exception>
    public GgufWriter Set(string key, GgufValue value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(GgufText.Encode(key).Length, GgufHeader.MaxKeyBytes, nameof(key));
        if (key == "general.alignment" && !(value.TryGetInteger(out long alignment) && value.Type == GgufValueType.U32
            && alignment is >= GgufHeader.MinAlignment and <= GgufHeader.MaxAlignment && long.IsPow2(alignment)))
        {
            throw new ArgumentException(
                $"The alignment {value} is not a power of two of type u32 from {GgufHeader.MinAlignment} to {GgufHeader.MaxAlignment}.",
                nameof(value));
        }

        _metadata[key] = value;
        return this;
    }

    /// <summary>Adds a tensor whose data is in memory.</summary>
    /// <inheritdoc cref="Add(string, TensorType, ReadOnlySpan{long}, Action{Stream})"/>
    public GgufWriter Add(string name, TensorType type, ReadOnlySpan<long> dimensions, ReadOnlyMemory<byte> data) =>
        Add(name, type, dimensions, stream => stream.Write(data.Span));

    /// <summary>Adds an F32 tensor whose elements are in memory.</summary>
    /// <inheritdoc cref="Add(string, TensorType, ReadOnlySpan{long}, Action{Stream})"/>
    public GgufWriter Add(string name, ReadOnlySpan<long> dimensions, float[] data) =>
        Add(name, TensorType.F32, dimensions, stream => stream.Write(MemoryMarshal.AsBytes(data.AsSpan())));

    /// <summary>Adds a tensor.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">The format.</param>
    /// <param name="dimensions">Elements along each axis, 1 to 4, a row's length first.</param>
    /// <param name="write">Writes exactly the tensor's bytes to the stream that it is given.</param>
    /// <exception cref="ArgumentException">The name is empty, too long or used, or the format cannot have the dimensions.</exception>
    public GgufWriter Add(string name, TensorType type, ReadOnlySpan<long> dimensions, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(GgufText.Encode(name).Length, GgufHeader.MaxTensorNameBytes, nameof(name));
        if (dimensions.Length is < 1 or > GgufHeader.MaxDimensions)
        {
            throw new ArgumentException(
                $"Tensor '{name}' has {dimensions.Length} dimensions; 1 to {GgufHeader.MaxDimensions} are possible.", nameof(dimensions));
        }

        long rows = 1;
        foreach (long dimension in dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension, nameof(dimensions));
            rows = checked(rows * dimension);
        }

        long length = checked(TensorTypes.ByteSize(type, dimensions[0]) * (rows / dimensions[0]));
        if (!_names.Add(name))
        {
            throw new ArgumentException($"Tensor '{name}' was already added.", nameof(name));
        }

        _tensors.Add(new PendingTensor(name, type, [.. dimensions], length, write));
        return this;
    }

    /// <summary>
    /// Writes the file under a temporary name beside <paramref name="path"/>, flushes it to the disk and renames it.
    /// </summary>
    /// <param name="path">Where it goes.</param>
    /// <param name="overwrite">Whether a file that is there when all is written is replaced.</param>
    /// <exception cref="IOException">It cannot be written, or there is a file and it must not be replaced.</exception>
    /// <exception cref="InvalidOperationException">A callback did not write its tensor's bytes.</exception>
    public void Save(string path, bool overwrite = true)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 20))
            {
                WriteTo(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite);
        }
        catch
        {
            // Not when the folder is not there: that error must not hide the first.
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }

            throw;
        }
    }

    /// <summary>Writes the file to a stream; the stream stays open.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="InvalidOperationException">A callback did not write its tensor's bytes.</exception>
    public void WriteTo(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        long alignment = _metadata.TryGetValue("general.alignment", out GgufValue value) && value.TryGetInteger(out long set)
            ? set
            : GgufHeader.DefaultAlignment;
        using MemoryStream header = new();
        WriteHeader(new BinaryWriter(header), alignment);
        stream.Write(header.GetBuffer().AsSpan(0, (int)header.Length));
        if (_tensors.Count == 0)
        {
            return;
        }

        Pad(stream, header.Length, alignment);
        foreach (PendingTensor tensor in _tensors)
        {
            using TensorStream target = new(stream, tensor.Name, tensor.ByteLength);
            tensor.Write(target);
            target.CheckComplete();
            Pad(stream, tensor.ByteLength, alignment);
        }
    }

    private static void Pad(Stream stream, long length, long alignment)
    {
        Span<byte> zeros = stackalloc byte[256];
        zeros.Clear();
        for (long left = (alignment - (length % alignment)) % alignment; left > 0; left -= Math.Min(left, zeros.Length))
        {
            stream.Write(zeros[..(int)Math.Min(left, zeros.Length)]);
        }
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = GgufText.Encode(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteArray(BinaryWriter writer, GgufValue value)
    {
        writer.Write((uint)value.ElementType!.Value);
        writer.Write((ulong)value.Length);
        switch (value.Items)
        {
            case string[] texts:
                Array.ForEach(texts, text => WriteText(writer, text));
                break;
            case GgufValue[] nested:
                Array.ForEach(nested, item => WriteArray(writer, item));
                break;
            default:
                byte[] bytes = new byte[Buffer.ByteLength(value.Items)];
                Buffer.BlockCopy(value.Items, 0, bytes, 0, bytes.Length);
                writer.Write(bytes);
                break;
        }
    }

    private static void WriteValue(BinaryWriter writer, GgufValue value)
    {
        writer.Write((uint)value.Type);
        if (value.IsArray)
        {
            WriteArray(writer, value);
        }
        else if (value.TryGetString(out string? text))
        {
            WriteText(writer, text);
        }
        else
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value.Bits);
            writer.Write(bytes[..SizeOf(value.Type)]);
        }
    }

    private static int SizeOf(GgufValueType type) => type switch
    {
        GgufValueType.U8 or GgufValueType.I8 or GgufValueType.Boolean => 1,
        GgufValueType.U16 or GgufValueType.I16 => 2,
        GgufValueType.U32 or GgufValueType.I32 or GgufValueType.F32 => 4,
        _ => 8,
    };

    private void WriteHeader(BinaryWriter writer, long alignment)
    {
        writer.Write(GgufHeader.Magic);
        writer.Write(3u);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_metadata.Count);
        foreach ((string key, GgufValue value) in _metadata)
        {
            WriteText(writer, key);
            WriteValue(writer, value);
        }

        long offset = 0;
        foreach (PendingTensor tensor in _tensors)
        {
            WriteText(writer, tensor.Name);
            writer.Write((uint)tensor.Dimensions.Length);
            foreach (long dimension in tensor.Dimensions)
            {
                writer.Write(dimension);
            }

            writer.Write((uint)tensor.Type);
            writer.Write(offset);
            offset = checked((offset + tensor.ByteLength + alignment - 1) / alignment * alignment);
        }

        writer.Flush();
    }

    private sealed record PendingTensor(
        string Name, TensorType Type, ImmutableArray<long> Dimensions, long ByteLength, Action<Stream> Write);

    /// <summary>Takes exactly the bytes of one tensor.</summary>
    private sealed class TensorStream(Stream target, string name, long length) : Stream
    {
        private long _written;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => length;

        public override long Position
        {
            get => _written;
            set => throw new NotSupportedException();
        }

        public void CheckComplete()
        {
            if (_written != length)
            {
                throw new InvalidOperationException($"Tensor '{name}' has {length} bytes, but {_written} were written.");
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (buffer.Length > length - _written)
            {
                throw new InvalidOperationException($"Tensor '{name}' has {length} bytes, but {_written + buffer.Length} were written.");
            }

            target.Write(buffer);
            _written += buffer.Length;
        }

        public override void Flush() => target.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
