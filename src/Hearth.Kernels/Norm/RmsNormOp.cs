using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Norm;

/// <summary>
/// Root mean square normalisation (Zhang and Sennrich, 2019): y = x / sqrt(mean(x^2) + epsilon) * weight, per row. The squares are summed
/// in 16 partial sums (partial i takes columns i, i+16, … in order, one rounding each), then in the fixed tree.
/// </summary>
public static unsafe class RmsNormOp
{
    /// <summary>Normalises every row.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">[rows, columns].</param>
    /// <param name="weight">
    /// Nothing, or [groups, columns] where groups divides the rows: row r takes group r % groups. One group is the norm of a layer; one per
    /// head, with rows [tokens, heads], is a norm of heads with weights of their own.
    /// </param>
    /// <param name="epsilon">Added to the mean; zero or more.</param>
    /// <param name="y">[rows, columns]; may be <paramref name="x"/> itself.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape.</exception>
    public static void Run(
        ComputePool pool, ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, Span<float> y, int rows, int columns) =>
        Run(InstructionSets.Level, pool, x, weight, epsilon, y, rows, columns);

    internal static void Run(
        InstructionSetLevel level,
        ComputePool pool,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> weight,
        float epsilon,
        Span<float> y,
        int rows,
        int columns)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(columns);
        OperationArgument.ThrowIfLengthDiffers(x.Length, (long)rows * columns, "[rows, columns]", nameof(x));
        OperationArgument.ThrowIfNotGroups(weight.Length, rows, columns, nameof(weight));
        OperationArgument.ThrowIfLengthDiffers(y.Length, (long)rows * columns, "[rows, columns]", nameof(y));
        fixed (float* pointerX = x, pointerWeight = weight, pointerY = y)
        {
            NormKernel<Statistics> kernel = new(pointerX, pointerWeight, weight.Length / columns, null, 0, epsilon, pointerY, columns);
            LaneKernel.Run(level, pool, in kernel, rows, y.Length);
        }
    }

    /// <summary>Normalises one row; <paramref name="weight"/> may be null.</summary>
    internal static void Row(InstructionSetLevel level, float* x, float* weight, float epsilon, float* y, int columns)
    {
        NormKernel<Statistics> kernel = new(x, weight, 1, null, 0, epsilon, y, columns);
        switch (level)
        {
            case InstructionSetLevel.Avx512:
                kernel.Run<Lanes512>(0, 1);
                break;
            case InstructionSetLevel.Avx2:
                kernel.Run<Lanes256>(0, 1);
                break;
            case InstructionSetLevel.Neon:
                kernel.Run<Lanes128>(0, 1);
                break;
            default:
                kernel.Reference(0, 1);
                break;
        }
    }

    private readonly struct Statistics : INormStatistics
    {
        public static void Measure<TLanes>(float* x, int columns, float epsilon, out float center, out float inverse)
            where TLanes : struct, ILanes<TLanes>
        {
            center = 0f;
            inverse = Inverse(RowSums.SumOfSquares<TLanes>(x, columns, 0f), columns, epsilon);
        }

        public static void Measure(ReadOnlySpan<float> x, float epsilon, out float center, out float inverse)
        {
            center = 0f;
            inverse = Inverse(RowSums.SumOfSquares(x, 0f), x.Length, epsilon);
        }

        private static float Inverse(float squares, int columns, float epsilon) => 1f / MathF.Sqrt((squares / columns) + epsilon);
    }
}
