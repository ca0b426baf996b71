using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Norm;

/// <summary>
/// Gives every row the length one: y = x / max(sqrt(sum x^2), epsilon), as ggml's l2_norm. The squares are summed in 16 partial sums
/// (partial i takes columns i, i+16, … in order, one rounding each), then in the fixed tree.
/// </summary>
public static unsafe class L2NormOp
{
    /// <summary>Normalises every row.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">[rows, columns].</param>
    /// <param name="epsilon">The least length that is divided by; above zero.</param>
    /// <param name="y">[rows, columns]; may be <paramref name="x"/> itself.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The epsilon is not above zero.</exception>
    public static void Run(ComputePool pool, ReadOnlySpan<float> x, float epsilon, Span<float> y, int rows, int columns) =>
        Run(InstructionSets.Level, pool, x, epsilon, y, rows, columns);

    internal static void Run(
        InstructionSetLevel level, ComputePool pool, ReadOnlySpan<float> x, float epsilon, Span<float> y, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(columns);
        OperationArgument.ThrowIfNotPositive(epsilon);
        OperationArgument.ThrowIfLengthDiffers(x.Length, (long)rows * columns, "[rows, columns]", nameof(x));
        OperationArgument.ThrowIfLengthDiffers(y.Length, (long)rows * columns, "[rows, columns]", nameof(y));
        fixed (float* pointerX = x, pointerY = y)
        {
            NormKernel<Statistics> kernel = new(pointerX, null, 0, null, 0, epsilon, pointerY, columns);
            LaneKernel.Run(level, pool, in kernel, rows, y.Length);
        }
    }

    private readonly struct Statistics : INormStatistics
    {
        public static void Measure<TLanes>(float* x, int columns, float epsilon, out float center, out float inverse)
            where TLanes : struct, ILanes<TLanes>
        {
            center = 0f;
            inverse = Inverse(RowSums.SumOfSquares<TLanes>(x, columns, 0f), epsilon);
        }

        public static void Measure(ReadOnlySpan<float> x, float epsilon, out float center, out float inverse)
        {
            center = 0f;
            inverse = Inverse(RowSums.SumOfSquares(x, 0f), epsilon);
        }

        private static float Inverse(float squares, float epsilon) => 1f / MathF.Max(MathF.Sqrt(squares), epsilon);
    }
}
