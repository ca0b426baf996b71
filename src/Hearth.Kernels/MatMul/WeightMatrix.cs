using Hearth.Kernels.Formats;

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
