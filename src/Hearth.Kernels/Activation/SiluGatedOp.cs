using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>
/// The gated unit of a feed-forward block: y = silu(gate) * up with silu(x) = x / (1 + e^-x) (Shazeer, "GLU Variants Improve
/// Transformer").
/// </summary>
public static class SiluGatedOp
{
    /// <summary>Writes silu(gate) * up.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="gate">[count].</param>
    /// <param name="up">[count].</param>
    /// <param name="y">[count]; may be <paramref name="gate"/> or <paramref name="up"/> itself.</param>
    /// <param name="count">Elements.</param>
    /// <exception cref="ArgumentException">A span does not have <paramref name="count"/> elements.</exception>
    public static void Run(ComputePool pool, ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> y, int count)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfLengthDiffers(gate.Length, count, "[count]", nameof(gate));
        OperationArgument.ThrowIfLengthDiffers(up.Length, count, "[count]", nameof(up));
        OperationArgument.ThrowIfLengthDiffers(y.Length, count, "[count]", nameof(y));
        Elementwise.Run<Function>(InstructionSets.Level, pool, gate, up, 0f, y);
    }

    internal readonly struct Function : IElementwise
    {
        public static TLanes Apply<TLanes>(TLanes a, TLanes b, TLanes parameter)
            where TLanes : struct, ILanes<TLanes> =>
            TLanes.Multiply(FloatMath.Silu(a), b);

        public static float Apply(float a, float b, float parameter) => FloatMath.Silu(a) * b;
    }
}
