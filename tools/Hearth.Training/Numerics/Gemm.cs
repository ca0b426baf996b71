using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hearth.Training.Numerics;

/// <summary>
/// Products of row-major F32 matrices: 8 x 32 tiles of the result are held in registers, the right side is packed into
/// panels of 32 columns. Each element is summed in the order of k (blocks of 512), whatever the sizes are.
/// One instance per thread: it owns the packing buffers.
/// </summary>
internal sealed class Gemm
{
    private const int TileRows = 8;
    private const int TileColumns = 32;
    private const int BlockDepth = 512;

    private readonly float[] _left = new float[TileRows * BlockDepth];
    private readonly float[] _right = new float[TileColumns * BlockDepth];
    private readonly float[] _tile = new float[TileRows * TileColumns];

    /// <summary>c[m, n] = a[m, k] b[n, k]^T, added to c when <paramref name="accumulate"/>.</summary>
    public void TimesTransposed(int m, int n, int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, bool accumulate = false) =>
        Multiply(m, n, k, a, false, b, true, c, accumulate);

    /// <summary>c[m, n] = a[m, k] b[k, n], added to c when <paramref name="accumulate"/>.</summary>
    public void Times(int m, int n, int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, bool accumulate = false) =>
        Multiply(m, n, k, a, false, b, false, c, accumulate);

    /// <summary>c[m, n] = a[k, m]^T b[k, n], added to c when <paramref name="accumulate"/>.</summary>
    public void TransposedTimes(int m, int n, int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, bool accumulate = false) =>
        Multiply(m, n, k, a, true, b, false, c, accumulate);

    private void Multiply(
        int m, int n, int k, ReadOnlySpan<float> a, bool transposeA, ReadOnlySpan<float> b, bool transposeB, Span<float> c, bool accumulate)
    {
        if (n % TileColumns != 0)
        {
            throw new ArgumentException($"The number of columns is {n}; it must be a multiple of {TileColumns}.", nameof(n));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(a.Length, m * k);
        ArgumentOutOfRangeException.ThrowIfLessThan(b.Length, n * k);
        ArgumentOutOfRangeException.ThrowIfLessThan(c.Length, m * n);
        for (int k0 = 0; k0 < k; k0 += BlockDepth)
        {
            int depth = Math.Min(BlockDepth, k - k0);
            bool add = accumulate || k0 > 0;
            for (int column = 0; column < n; column += TileColumns)
            {
                PackRight(b, transposeB, n, k, column, k0, depth);
                for (int row = 0; row < m; row += TileRows)
                {
                    int rows = Math.Min(TileRows, m - row);
                    if (transposeA || rows < TileRows)
                    {
                        PackLeft(a, transposeA, m, k, row, rows, k0, depth);
                        Tile(depth, _left, 1, TileRows, c[(row * n + column)..], n, rows, add);
                    }
                    else
                    {
                        Tile(depth, a[(row * k + k0)..], k, 1, c[(row * n + column)..], n, rows, add);
                    }
                }
            }
        }
    }

    private void PackRight(ReadOnlySpan<float> b, bool transpose, int n, int k, int column, int k0, int depth)
    {
        if (!transpose)
        {
            for (int p = 0; p < depth; p++)
            {
                b.Slice((k0 + p) * n + column, TileColumns).CopyTo(_right.AsSpan(p * TileColumns, TileColumns));
            }

            return;
        }

        Span<float> right = _right.AsSpan(0, depth * TileColumns);
        for (int j = 0; j < TileColumns; j++)
        {
            ReadOnlySpan<float> source = b.Slice((column + j) * k + k0, depth);
            ref float target = ref Unsafe.Add(ref MemoryMarshal.GetReference(right), j);
            for (int p = 0; p < source.Length; p++)
            {
                Unsafe.Add(ref target, p * TileColumns) = source[p];
            }
        }
    }

    private void PackLeft(ReadOnlySpan<float> a, bool transpose, int m, int k, int row, int rows, int k0, int depth)
    {
        if (rows < TileRows)
        {
            _left.AsSpan().Clear();
        }

        for (int p = 0; p < depth; p++)
        {
            if (transpose)
            {
                a.Slice((k0 + p) * m + row, rows).CopyTo(_left.AsSpan(p * TileRows));
                continue;
            }

            for (int r = 0; r < rows; r++)
            {
                _left[p * TileRows + r] = a[(row + r) * k + k0 + p];
            }
        }
    }

    /// <summary>One tile of the result; element (r, p) of the left side is at r * rowStride + p * depthStride.</summary>
    private void Tile(
        int depth, ReadOnlySpan<float> left, int rowStride, int depthStride, Span<float> c, int columns, int rows, bool accumulate)
    {
        ref float a = ref MemoryMarshal.GetReference(left);
        ref float b = ref MemoryMarshal.GetArrayDataReference(_right);
        if (rows == TileRows)
        {
            Kernel(depth, ref a, rowStride, depthStride, ref b, ref MemoryMarshal.GetReference(c), columns, accumulate);
            return;
        }

        Kernel(depth, ref a, rowStride, depthStride, ref b, ref MemoryMarshal.GetArrayDataReference(_tile), TileColumns, false);
        for (int r = 0; r < rows; r++)
        {
            for (int j = 0; j < TileColumns; j++)
            {
                float value = _tile[r * TileColumns + j];
                c[r * columns + j] = accumulate ? c[r * columns + j] + value : value;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Kernel(
        int depth, ref float a, nint rowStride, nint depthStride, ref float b, ref float c, nint columns, bool accumulate)
    {
        Vector512<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        Vector512<float> c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default, c71 = default;
        nint rowStride2 = 2 * rowStride;
        nint rowStride3 = 3 * rowStride;
        ref float low = ref a;
        ref float high = ref Unsafe.Add(ref a, 4 * rowStride);
        for (int p = 0; p < depth; p++)
        {
            Vector512<float> b0 = Vector512.LoadUnsafe(ref b);
            Vector512<float> b1 = Vector512.LoadUnsafe(ref b, 16);
            Vector512<float> x = Vector512.Create(low);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
            x = Vector512.Create(Unsafe.Add(ref low, rowStride));
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
            x = Vector512.Create(Unsafe.Add(ref low, rowStride2));
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
            x = Vector512.Create(Unsafe.Add(ref low, rowStride3));
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
            x = Vector512.Create(high);
            c40 = Vector512.FusedMultiplyAdd(x, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(x, b1, c41);
            x = Vector512.Create(Unsafe.Add(ref high, rowStride));
            c50 = Vector512.FusedMultiplyAdd(x, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(x, b1, c51);
            x = Vector512.Create(Unsafe.Add(ref high, rowStride2));
            c60 = Vector512.FusedMultiplyAdd(x, b0, c60);
            c61 = Vector512.FusedMultiplyAdd(x, b1, c61);
            x = Vector512.Create(Unsafe.Add(ref high, rowStride3));
            c70 = Vector512.FusedMultiplyAdd(x, b0, c70);
            c71 = Vector512.FusedMultiplyAdd(x, b1, c71);
            low = ref Unsafe.Add(ref low, depthStride);
            high = ref Unsafe.Add(ref high, depthStride);
            b = ref Unsafe.Add(ref b, TileColumns);
        }

        Store(ref c, c00, c01, accumulate);
        Store(ref Unsafe.Add(ref c, columns), c10, c11, accumulate);
        Store(ref Unsafe.Add(ref c, 2 * columns), c20, c21, accumulate);
        Store(ref Unsafe.Add(ref c, 3 * columns), c30, c31, accumulate);
        Store(ref Unsafe.Add(ref c, 4 * columns), c40, c41, accumulate);
        Store(ref Unsafe.Add(ref c, 5 * columns), c50, c51, accumulate);
        Store(ref Unsafe.Add(ref c, 6 * columns), c60, c61, accumulate);
        Store(ref Unsafe.Add(ref c, 7 * columns), c70, c71, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref float c, Vector512<float> first, Vector512<float> second, bool accumulate)
    {
        if (accumulate)
        {
            first += Vector512.LoadUnsafe(ref c);
            second += Vector512.LoadUnsafe(ref c, 16);
        }

        first.StoreUnsafe(ref c);
        second.StoreUnsafe(ref c, 16);
    }
}
