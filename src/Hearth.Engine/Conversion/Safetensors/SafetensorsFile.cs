using System.Buffers.Binary;
using Hearth.Kernels.Memory;

namespace Hearth.Engine.Conversion.Safetensors;

/// <summary>A safetensors file, mapped into memory: eight bytes of header length, the header, the tensors' data.</summary>
internal sealed class SafetensorsFile : IDisposable
{
    private const int PrefixBytes = sizeof(ulong);
    private readonly MappedFile _file;

    private SafetensorsFile(string path, MappedFile file, IReadOnlyList<SafetensorsTensor> tensors)
    {
        Path = path;
        _file = file;
        Tensors = tensors;
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The tensors, in the order of their data.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="SafetensorsException">It is not there, or damaged.</exception>
    public static SafetensorsFile Open(string path)
    {
        MappedFile file;
        try
        {
            file = MappedFile.Open(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw SafetensorsException.Unreadable(path, exception);
        }

        try
        {
            if (file.Length < PrefixBytes + 2)
            {
                throw SafetensorsException.TooShort(path, file.Length);
            }

            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.Span(0, PrefixBytes));
            long limit = Math.Min(SafetensorsHeader.MaxBytes, file.Length - PrefixBytes);
            if (length > (ulong)limit)
            {
                throw SafetensorsException.HeaderLength(path, length, limit);
            }

            long start = PrefixBytes + (long)length;
            return new SafetensorsFile(
                path, file, SafetensorsHeader.Read(path, file.Span(PrefixBytes, (int)length), start, file.Length - start));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Some of a tensor's bytes.</summary>
    /// <param name="tensor">A tensor of this file.</param>
    /// <param name="offset">From where in the tensor, in bytes.</param>
    /// <param name="length">How many.</param>
    public ReadOnlySpan<byte> Data(SafetensorsTensor tensor, long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, tensor.Length - offset);
        return _file.Span(tensor.Offset + offset, length);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
