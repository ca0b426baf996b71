using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>
/// The gated unit of gpt-oss: y = g / (1 + e^(-alpha g)) * (u + 1) with g = min(gate, limit) and u = up held to [-limit, limit]
/// (OpenAI, gpt-oss model card, 2025).
/// </summary>
public static class ClampedSwiGluOp
{
    /// <summary>Writes the unit's output.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="gate">[count].</param>
    /// <param name="up">[count].</param>
    /// <param name="alpha">The slope of the logistic function; 1.702 in gpt-oss.</param>
    /// <param name="limit">The bound; above zero; 7 in gpt-oss.</param>
    /// <param name="y">[count]; may be <paramref name="gate"/> or <paramref name="up"/> itself.</param>
    /// <param name="count">Elements.</param>
    /// <exception cref="ArgumentException">A span does not have <paramref name="count"/> elements.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not above zero.</exception>
    public static void Run(
        ComputePool pool, ReadOnlySpan<float> gate, ReadOnlySpan<float> up, float alpha, float limit, Span<float> y, int count)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(limit);
        OperationArgument.ThrowIfLengthDiffers(gate.Length, count, "[count]", nameof(gate));
        OperationArgument.ThrowIfLengthDiffers(up.Length, count, "[count]", nameof(up));
        OperationArgument.ThrowIfLengthDiffers(y.Length, count, "[count]", nameof(y));
        Elementwise.Run(InstructionSets.Level, pool, new Function(alpha, limit), gate, up, y);
    }

    internal readonly struct Function(float alpha, float limit) : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes highest = TLanes.Create(limit);
            TLanes lowest = TLanes.Create(-limit);
            TLanes one = TLanes.Create(1f);
            TLanes g = TLanes.SelectLess(a, highest, a, highest);
            TLanes u = TLanes.SelectLess(b, highest, b, highest);
            u = TLanes.SelectLess(lowest, u, u, lowest);
            TLanes power = FloatMath.Exp(TLanes.Multiply(g, TLanes.Create(-alpha)));
            return TLanes.Multiply(TLanes.Divide(g, TLanes.Add(one, power)), TLanes.Add(u, one));
        }

        public float Apply(float a, float b)
        {
            float g = a < limit ? a : limit;
            float u = b < limit ? b : limit;
            u = -limit < u ? u : -limit;
            return g / (1f + FloatMath.Exp(g * -alpha)) * (u + 1f);
        }
    }
}
