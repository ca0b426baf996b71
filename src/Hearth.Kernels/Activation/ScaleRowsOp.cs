using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>Multiplies every row of a matrix by its own number, in place.</summary>
public static unsafe class ScaleRowsOp
{
    /// <summary>x[r, c] *= factors[r].</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="factors">[rows].</param>
    /// <param name="x">[rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape.</exception>
    public static void Run(ComputePool pool, ReadOnlySpan<float> factors, Span<float> x, int rows, int columns) =>
        Run(InstructionSets.Level, pool, factors, x, rows, columns);

    internal static void Run(
        InstructionSetLevel level, ComputePool pool, ReadOnlySpan<float> factors, Span<float> x, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(columns);
        OperationArgument.ThrowIfLengthDiffers(factors.Length, rows, "[rows]", nameof(factors));
        OperationArgument.ThrowIfLengthDiffers(x.Length, (long)rows * columns, "[rows, columns]", nameof(x));
        fixed (float* pointerFactors = factors, pointerX = x)
        {
            Kernel kernel = new(pointerFactors, pointerX, columns);
            LaneKernel.Run(level, pool, in kernel, rows, x.Length);
        }
    }

    private readonly struct Kernel(float* factors, float* x, int columns) : ILaneKernel
    {
        public void Run<TLanes>(int start, int end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (int row = start; row < end; row++)
            {
                float* values = x + ((long)row * columns);
                TLanes factor = TLanes.Create(factors[row]);
                int i = 0;
                for (; i <= columns - 16; i += 16)
                {
                    TLanes.Store(values + i, TLanes.Multiply(TLanes.Load(values + i), factor));
                }

                for (; i < columns; i++)
                {
                    values[i] *= factors[row];
                }
            }
        }

        public void Reference(int start, int end)
        {
            for (int row = start; row < end; row++)
            {
                float* values = x + ((long)row * columns);
                for (int i = 0; i < columns; i++)
                {
                    values[i] *= factors[row];
                }
            }
        }
    }
}
