using Hearth.Kernels.Formats;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul;

/// <summary>A view of a weight matrix <c>[rows, columns]</c> in its file's own layout. It does not keep the memory alive.</summary>
public readonly unsafe struct WeightMatrix
{
    internal WeightMatrix(byte* data, TensorType type, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        Data = data;
        Type = type;
        Rows = rows;
        Columns = columns;
        RowBytes = TensorTypes.ByteSize(type, columns);
    }

    /// <summary>The format of the elements.</summary>
    public TensorType Type { get; }

    /// <summary>Rows: outputs of a product.</summary>
    public int Rows { get; }

    /// <summary>Elements of a row: inputs of a product.</summary>
    public int Columns { get; }

    /// <summary>Bytes of a row.</summary>
    public long RowBytes { get; }

    internal byte* Data { get; }

    /// <summary>A view of a matrix that fills a buffer. It is valid until the buffer is disposed.</summary>
    /// <param name="buffer">The rows, one after the other.</param>
    /// <param name="type">The format.</param>
    /// <param name="rows">Rows: the outputs of a product.</param>
    /// <param name="columns">Elements of a row: the inputs of a product; a multiple of the format's block.</param>
    /// <exception cref="ArgumentException">The buffer does not have the bytes of this shape.</exception>
    public static WeightMatrix In(AlignedBuffer<byte> buffer, TensorType type, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        WeightMatrix matrix = new(buffer.Pointer, type, rows, columns);
        long expected = checked(matrix.RowBytes * rows);
        return buffer.Span.Length == expected
            ? matrix
            : throw new ArgumentException($"The buffer has {buffer.Length} bytes; {rows} rows of {columns} {type} are {expected}.", nameof(buffer));
    }

    /// <summary>The bytes of one row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<byte> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        return new ReadOnlySpan<byte>(Data + (row * RowBytes), checked((int)RowBytes));
    }

    /// <summary>A view of <paramref name="count"/> rows from <paramref name="first"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no such rows.</exception>
    public WeightMatrix Slice(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Rows - first);
        return new WeightMatrix(Data + (first * RowBytes), Type, count, Columns);
    }
}
