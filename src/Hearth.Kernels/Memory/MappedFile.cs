using System.IO.MemoryMappedFiles;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul;

namespace Hearth.Kernels.Memory;

/// <summary>A file mapped read-only into memory. Views taken from it are valid until it is disposed.</summary>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _pointer;

    private MappedFile(MemoryMappedFile file, MemoryMappedViewAccessor view, long length)
    {
        _file = file;
        _view = view;
        Length = length;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _pointer);
        _pointer += view.PointerOffset;
    }

    /// <summary>Bytes in the file.</summary>
    public long Length { get; }

    /// <summary>Maps a file.</summary>
    /// <exception cref="IOException">The file is empty, not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is a folder, or may not be read.</exception>
    public static MappedFile Open(string path)
    {
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        long length = stream.Length;
        if (length == 0)
        {
            stream.Dispose();
            throw new IOException($"'{path}' is empty.");
        }

        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        try
        {
            return new MappedFile(file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not all inside the file.</exception>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        Check(offset, length);
        return new ReadOnlySpan<byte>(_pointer + offset, length);
    }

    /// <summary>A matrix whose rows lie one after the other in the file.</summary>
    /// <param name="offset">Where row 0 begins, in bytes.</param>
    /// <param name="type">The format.</param>
    /// <param name="rows">Rows: the outputs of a product.</param>
    /// <param name="columns">Elements of a row: the inputs of a product; a multiple of the format's block.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not all inside the file.</exception>
    public WeightMatrix Matrix(long offset, TensorType type, int rows, int columns)
    {
        Check(offset, checked(TensorTypes.ByteSize(type, columns) * rows));
        return new WeightMatrix(_pointer + offset, type, rows, columns);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_pointer is null)
        {
            return;
        }

        _pointer = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private void Check(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(_pointer is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
    }
}
