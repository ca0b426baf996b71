using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>Adds to a vector in place: the residual connection.</summary>
public static class AddOp
{
    /// <summary>y += x.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">What is added.</param>
    /// <param name="y">What it is added to, as long as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Run(ComputePool pool, ReadOnlySpan<float> x, Span<float> y)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfLengthDiffers(y.Length, x.Length, "of x", nameof(y));
        Elementwise.Run(InstructionSets.Level, pool, default(Function), x, y, y);
    }

    internal readonly struct Function : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes> =>
            TLanes.Add(a, b);

        public float Apply(float a, float b) => a + b;
    }
}
