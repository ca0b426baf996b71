using System.Runtime.CompilerServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Norm;

/// <summary>
/// Sums over a row in the canonical order: 16 partial sums (partial i takes columns i, i+16, … in order), then the fixed tree.
/// </summary>
internal static unsafe class RowSums
{
    internal static float Sum<TLanes>(float* x, int columns)
        where TLanes : struct, ILanes<TLanes>
    {
        float* tail = stackalloc float[16];
        int whole = CopyTail<TLanes>(x, columns, tail);
        TLanes sum = TLanes.Create(0f);
        for (int i = 0; i < whole; i += 16)
        {
            sum = TLanes.Add(sum, TLanes.Load(x + i));
        }

        return TLanes.Sum(TLanes.Add(sum, TLanes.Load(tail)));
    }

    /// <summary>The scalar twin of <see cref="Sum{TLanes}"/>.</summary>
    internal static float Sum(ReadOnlySpan<float> x)
    {
        Span<float> partial = stackalloc float[16];
        partial.Clear();
        for (int i = 0; i < x.Length; i++)
        {
            partial[i % 16] += x[i];
        }

        return FixedTree.Sum(partial);
    }

    /// <summary>The sum of (x - center)^2, each added with one rounding.</summary>
    internal static float SumOfSquares<TLanes>(float* x, int columns, float center)
        where TLanes : struct, ILanes<TLanes>
    {
        float* tail = stackalloc float[16];
        int whole = CopyTail<TLanes>(x, columns, tail);
        for (int i = 0; i < columns - whole; i++)
        {
            tail[i] -= center;
        }

        TLanes middle = TLanes.Create(center);
        TLanes squares = TLanes.Create(0f);
        for (int i = 0; i < whole; i += 16)
        {
            TLanes value = TLanes.Subtract(TLanes.Load(x + i), middle);
            squares = TLanes.MultiplyAdd(value, value, squares);
        }

        TLanes last = TLanes.Load(tail);
        return TLanes.Sum(TLanes.MultiplyAdd(last, last, squares));
    }

    /// <summary>The scalar twin of <see cref="SumOfSquares{TLanes}"/>.</summary>
    internal static float SumOfSquares(ReadOnlySpan<float> x, float center)
    {
        Span<float> partial = stackalloc float[16];
        partial.Clear();
        for (int i = 0; i < x.Length; i++)
        {
            float value = x[i] - center;
            partial[i % 16] = MathF.FusedMultiplyAdd(value, value, partial[i % 16]);
        }

        return FixedTree.Sum(partial);
    }

    /// <summary>Copies what follows the last whole block of 16 into a block of zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CopyTail<TLanes>(float* x, int columns, float* tail)
        where TLanes : struct, ILanes<TLanes>
    {
        int whole = columns & ~15;
        TLanes.Store(tail, TLanes.Create(0f));
        new ReadOnlySpan<float>(x + whole, columns - whole).CopyTo(new Span<float>(tail, 16));
        return whole;
    }
}
