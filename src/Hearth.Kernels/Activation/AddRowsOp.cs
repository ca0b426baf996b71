using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>Adds one vector to every row of a matrix: the bias of a projection.</summary>
public static class AddRowsOp
{
    /// <summary>y[t, c] += bias[c].</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="bias">[columns].</param>
    /// <param name="y">[tokens, columns].</param>
    /// <param name="tokens">Rows.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape.</exception>
    public static void Run(ComputePool pool, ReadOnlySpan<float> bias, Span<float> y, int tokens, int columns)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(columns);
        OperationArgument.ThrowIfLengthDiffers(bias.Length, columns, "[columns]", nameof(bias));
        OperationArgument.ThrowIfLengthDiffers(y.Length, (long)tokens * columns, "[tokens, columns]", nameof(y));
        Elementwise.RunRows(InstructionSets.Level, pool, default(AddOp.Function), y, bias, y, tokens, columns);
    }
}
