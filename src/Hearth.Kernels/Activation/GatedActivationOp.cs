using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>The gated unit of a feed-forward block: y = f(gate) * up (Shazeer, "GLU Variants Improve Transformer", 2020).</summary>
public static class GatedActivationOp
{
    /// <summary>Writes f(gate) * up.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="kind">The function of the gate.</param>
    /// <param name="gate">[count].</param>
    /// <param name="up">[count].</param>
    /// <param name="y">[count]; may be <paramref name="gate"/> or <paramref name="up"/> itself.</param>
    /// <param name="count">Elements.</param>
    /// <exception cref="ArgumentException">A span does not have <paramref name="count"/> elements.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The function is not one of the enumeration.</exception>
    public static void Run(
        ComputePool pool, ActivationKind kind, ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> y, int count)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfLengthDiffers(gate.Length, count, "[count]", nameof(gate));
        OperationArgument.ThrowIfLengthDiffers(up.Length, count, "[count]", nameof(up));
        OperationArgument.ThrowIfLengthDiffers(y.Length, count, "[count]", nameof(y));
        ActivationFunctions.RunGated(InstructionSets.Level, pool, kind, gate, up, y);
    }
}
