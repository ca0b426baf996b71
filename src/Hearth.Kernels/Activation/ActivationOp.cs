using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>A nonlinear function of every element.</summary>
public static class ActivationOp
{
    /// <summary>y = f(x).</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="kind">The function.</param>
    /// <param name="x">[count].</param>
    /// <param name="y">[count]; may be <paramref name="x"/> itself.</param>
    /// <param name="count">Elements.</param>
    /// <exception cref="ArgumentException">A span does not have <paramref name="count"/> elements.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The function is not one of the enumeration.</exception>
    public static void Run(ComputePool pool, ActivationKind kind, ReadOnlySpan<float> x, Span<float> y, int count)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfLengthDiffers(x.Length, count, "[count]", nameof(x));
        OperationArgument.ThrowIfLengthDiffers(y.Length, count, "[count]", nameof(y));
        ActivationFunctions.Run(InstructionSets.Level, pool, kind, x, y);
    }
}
