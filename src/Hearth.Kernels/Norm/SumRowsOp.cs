using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Norm;

/// <summary>Adds up every row: 16 partial sums (partial i takes columns i, i+16, … in order), then the fixed tree.</summary>
public static unsafe class SumRowsOp
{
    /// <summary>y[r] = sum over c of x[r, c].</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">[rows, columns].</param>
    /// <param name="y">[rows]; must not overlap <paramref name="x"/>.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape, or the output overlaps the input.</exception>
    public static void Run(ComputePool pool, ReadOnlySpan<float> x, Span<float> y, int rows, int columns) =>
        Run(InstructionSets.Level, pool, x, y, rows, columns);

    internal static void Run(InstructionSetLevel level, ComputePool pool, ReadOnlySpan<float> x, Span<float> y, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(columns);
        OperationArgument.ThrowIfLengthDiffers(x.Length, (long)rows * columns, "[rows, columns]", nameof(x));
        OperationArgument.ThrowIfLengthDiffers(y.Length, rows, "[rows]", nameof(y));
        OperationArgument.ThrowIfOverlaps(x, y, nameof(y));
        fixed (float* pointerX = x, pointerY = y)
        {
            Kernel kernel = new(pointerX, pointerY, columns);
            LaneKernel.Run(level, pool, in kernel, rows, x.Length);
        }
    }

    private readonly struct Kernel(float* x, float* y, int columns) : ILaneKernel
    {
        public void Run<TLanes>(int start, int end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (int row = start; row < end; row++)
            {
                y[row] = RowSums.Sum<TLanes>(x + ((long)row * columns), columns);
            }
        }

        public void Reference(int start, int end)
        {
            for (int row = start; row < end; row++)
            {
                y[row] = RowSums.Sum(new ReadOnlySpan<float>(x + ((long)row * columns), columns));
            }
        }
    }
}
