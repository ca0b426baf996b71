using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>Multiplies every row of a matrix by one vector, element by element.</summary>
public static class MultiplyRowsOp
{
    /// <summary>y[r, c] = x[r, c] * factors[c].</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">[rows, columns].</param>
    /// <param name="factors">[columns].</param>
    /// <param name="y">[rows, columns]; may be <paramref name="x"/> itself.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape.</exception>
    public static void Run(
        ComputePool pool, ReadOnlySpan<float> x, ReadOnlySpan<float> factors, Span<float> y, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(columns);
        OperationArgument.ThrowIfLengthDiffers(x.Length, (long)rows * columns, "[rows, columns]", nameof(x));
        OperationArgument.ThrowIfLengthDiffers(factors.Length, columns, "[columns]", nameof(factors));
        OperationArgument.ThrowIfLengthDiffers(y.Length, (long)rows * columns, "[rows, columns]", nameof(y));
        Elementwise.RunRows(InstructionSets.Level, pool, default(MultiplyOp.Function), x, factors, y, rows, columns);
    }
}
