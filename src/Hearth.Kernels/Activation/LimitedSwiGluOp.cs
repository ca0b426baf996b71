using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>A gated unit with limits: y = min(silu(gate), limit) * u with u = up held to [-limit, limit] (StepFun, Step 3.5).</summary>
public static class LimitedSwiGluOp
{
    /// <summary>Writes the unit's output.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="gate">[count].</param>
    /// <param name="up">[count].</param>
    /// <param name="limit">The bound; above zero.</param>
    /// <param name="y">[count]; may be <paramref name="gate"/> or <paramref name="up"/> itself.</param>
    /// <param name="count">Elements.</param>
    /// <exception cref="ArgumentException">A span does not have <paramref name="count"/> elements.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not above zero.</exception>
    public static void Run(ComputePool pool, ReadOnlySpan<float> gate, ReadOnlySpan<float> up, float limit, Span<float> y, int count)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(limit);
        OperationArgument.ThrowIfLengthDiffers(gate.Length, count, "[count]", nameof(gate));
        OperationArgument.ThrowIfLengthDiffers(up.Length, count, "[count]", nameof(up));
        OperationArgument.ThrowIfLengthDiffers(y.Length, count, "[count]", nameof(y));
        Elementwise.Run(InstructionSets.Level, pool, new Function(limit), gate, up, y);
    }

    internal readonly struct Function(float limit) : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes highest = TLanes.Create(limit);
            TLanes lowest = TLanes.Create(-limit);
            TLanes g = TLanes.Divide(a, TLanes.Add(TLanes.Create(1f), FloatMath.Exp(TLanes.Multiply(a, TLanes.Create(-1f)))));
            g = TLanes.SelectLess(g, highest, g, highest);
            TLanes u = TLanes.SelectLess(b, highest, b, highest);
            return TLanes.Multiply(g, TLanes.SelectLess(lowest, u, u, lowest));
        }

        public float Apply(float a, float b)
        {
            float g = a / (1f + FloatMath.Exp(-a));
            g = g < limit ? g : limit;
            float u = b < limit ? b : limit;
            return g * (-limit < u ? u : -limit);
        }
    }
}
