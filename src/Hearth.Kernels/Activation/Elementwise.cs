using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>Runs an <see cref="IElementwise"/> over vectors or over the rows of a matrix.</summary>
internal static unsafe class Elementwise
{
    /// <summary>y = f(a, b). Spans of one length; y may be a or b itself.</summary>
    internal static void Run<TFunction>(
        InstructionSetLevel level, ComputePool pool, TFunction function, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y)
        where TFunction : struct, IElementwise
    {
        fixed (float* pointerA = a, pointerB = b, pointerY = y)
        {
            VectorKernel<TFunction> kernel = new(function, pointerA, pointerB, pointerY);
            LaneKernel.Run(level, pool, in kernel, y.Length, y.Length, 16);
        }
    }

    /// <summary>y[r, c] = f(a[r, c], b[c]). y may be a itself.</summary>
    internal static void RunRows<TFunction>(
        InstructionSetLevel level,
        ComputePool pool,
        TFunction function,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        Span<float> y,
        int rows,
        int columns)
        where TFunction : struct, IElementwise
    {
        if (rows == 1)
        {
            Run(level, pool, function, a, b, y);
            return;
        }

        fixed (float* pointerA = a, pointerB = b, pointerY = y)
        {
            RowsKernel<TFunction> kernel = new(function, pointerA, pointerB, pointerY, columns);
            LaneKernel.Run(level, pool, in kernel, rows, y.Length);
        }
    }

    private static void Range<TFunction, TLanes>(TFunction function, float* a, float* b, float* y, int count)
        where TFunction : struct, IElementwise
        where TLanes : struct, ILanes<TLanes>
    {
        int i = 0;
        for (; i <= count - 16; i += 16)
        {
            TLanes.Store(y + i, function.Apply(TLanes.Load(a + i), TLanes.Load(b + i)));
        }

        Reference(function, a + i, b + i, y + i, count - i);
    }

    private static void Reference<TFunction>(TFunction function, float* a, float* b, float* y, int count)
        where TFunction : struct, IElementwise
    {
        for (int i = 0; i < count; i++)
        {
            y[i] = function.Apply(a[i], b[i]);
        }
    }

    private readonly struct VectorKernel<TFunction>(TFunction function, float* a, float* b, float* y) : ILaneKernel
        where TFunction : struct, IElementwise
    {
        public void Run<TLanes>(int start, int end)
            where TLanes : struct, ILanes<TLanes> =>
            Range<TFunction, TLanes>(function, a + start, b + start, y + start, end - start);

        public void Reference(int start, int end) => Elementwise.Reference(function, a + start, b + start, y + start, end - start);
    }

    private readonly struct RowsKernel<TFunction>(TFunction function, float* a, float* b, float* y, int columns) : ILaneKernel
        where TFunction : struct, IElementwise
    {
        public void Run<TLanes>(int start, int end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (int row = start; row < end; row++)
            {
                long offset = (long)row * columns;
                Range<TFunction, TLanes>(function, a + offset, b, y + offset, columns);
            }
        }

        public void Reference(int start, int end)
        {
            for (int row = start; row < end; row++)
            {
                long offset = (long)row * columns;
                Elementwise.Reference(function, a + offset, b, y + offset, columns);
            }
        }
    }
}
