using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Norm;

/// <summary>
/// Layer normalisation (Ba, Kiros and Hinton, arXiv:1607.06450): y = (x - mean) / sqrt(variance + epsilon) * weight + bias, per row, with
/// variance = mean((x - mean)^2). Both means are summed in 16 partial sums (partial i takes columns i, i+16, … in order), then in the
/// fixed tree.
/// </summary>
public static unsafe class LayerNormOp
{
    /// <summary>Normalises every row.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">[rows, columns].</param>
    /// <param name="weight">Nothing, or [groups, columns] where groups divides the rows: row r takes group r % groups.</param>
    /// <param name="bias">Nothing, or as <paramref name="weight"/>, with groups of its own.</param>
    /// <param name="epsilon">Added to the variance; zero or more.</param>
    /// <param name="y">[rows, columns]; may be <paramref name="x"/> itself.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape.</exception>
    public static void Run(
        ComputePool pool,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> weight,
        ReadOnlySpan<float> bias,
        float epsilon,
        Span<float> y,
        int rows,
        int columns) =>
        Run(InstructionSets.Level, pool, x, weight, bias, epsilon, y, rows, columns);

    internal static void Run(
        InstructionSetLevel level,
        ComputePool pool,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> weight,
        ReadOnlySpan<float> bias,
        float epsilon,
        Span<float> y,
        int rows,
        int columns)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(columns);
        OperationArgument.ThrowIfLengthDiffers(x.Length, (long)rows * columns, "[rows, columns]", nameof(x));
        OperationArgument.ThrowIfNotGroups(weight.Length, rows, columns, nameof(weight));
        OperationArgument.ThrowIfNotGroups(bias.Length, rows, columns, nameof(bias));
        OperationArgument.ThrowIfLengthDiffers(y.Length, (long)rows * columns, "[rows, columns]", nameof(y));
        fixed (float* pointerX = x, pointerWeight = weight, pointerBias = bias, pointerY = y)
        {
            NormKernel<Statistics> kernel = new(
                pointerX, pointerWeight, weight.Length / columns, pointerBias, bias.Length / columns, epsilon, pointerY, columns);
            LaneKernel.Run(level, pool, in kernel, rows, y.Length);
        }
    }

    private readonly struct Statistics : INormStatistics
    {
        public static void Measure<TLanes>(float* x, int columns, float epsilon, out float center, out float inverse)
            where TLanes : struct, ILanes<TLanes>
        {
            center = RowSums.Sum<TLanes>(x, columns) / columns;
            inverse = Inverse(RowSums.SumOfSquares<TLanes>(x, columns, center), columns, epsilon);
        }

        public static void Measure(ReadOnlySpan<float> x, float epsilon, out float center, out float inverse)
        {
            center = RowSums.Sum(x) / x.Length;
            inverse = Inverse(RowSums.SumOfSquares(x, center), x.Length, epsilon);
        }

        private static float Inverse(float squares, int columns, float epsilon) => 1f / MathF.Sqrt((squares / columns) + epsilon);
    }
}
