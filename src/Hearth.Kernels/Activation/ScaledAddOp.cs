using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>Adds a multiple of a vector in place: how a mixture sums its experts.</summary>
public static class ScaledAddOp
{
    /// <summary>y += factor * x, rounded once.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="factor">The weight of <paramref name="x"/>.</param>
    /// <param name="x">What is added.</param>
    /// <param name="y">What it is added to, as long as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Run(ComputePool pool, float factor, ReadOnlySpan<float> x, Span<float> y)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfLengthDiffers(y.Length, x.Length, "of x", nameof(y));
        Elementwise.Run(InstructionSets.Level, pool, new Function(factor), x, y, y);
    }

    internal readonly struct Function(float factor) : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes> =>
            TLanes.MultiplyAdd(a, TLanes.Create(factor), b);

        public float Apply(float a, float b) => MathF.FusedMultiplyAdd(a, factor, b);
    }
}
