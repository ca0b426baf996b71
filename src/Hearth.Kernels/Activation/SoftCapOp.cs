using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>Holds values softly below a bound, in place: x = cap * tanh(x / cap) (Gemma 2, arXiv:2408.00118, section 2).</summary>
public static class SoftCapOp
{
    /// <summary>x = cap * tanh(x / cap).</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">Any number of elements.</param>
    /// <param name="cap">The bound; above zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">The cap is not above zero.</exception>
    public static void Run(ComputePool pool, Span<float> x, float cap)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(cap);
        Elementwise.Run(InstructionSets.Level, pool, new Function(cap), x, x, x);
    }

    internal readonly struct Function(float cap) : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes bound = TLanes.Create(cap);
            return TLanes.Multiply(bound, FloatMath.Tanh(TLanes.Divide(a, bound)));
        }

        public float Apply(float a, float b) => cap * FloatMath.Tanh(a / cap);
    }
}
