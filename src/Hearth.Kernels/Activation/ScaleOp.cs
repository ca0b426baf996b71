using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>Multiplies a vector by a number, in place.</summary>
public static class ScaleOp
{
    /// <summary>y *= factor.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="y">The vector.</param>
    /// <param name="factor">The number.</param>
    public static void Run(ComputePool pool, Span<float> y, float factor)
    {
        ArgumentNullException.ThrowIfNull(pool);
        Elementwise.Run(InstructionSets.Level, pool, new Function(factor), y, y, y);
    }

    internal readonly struct Function(float factor) : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes> =>
            TLanes.Multiply(a, TLanes.Create(factor));

        public float Apply(float a, float b) => a * factor;
    }
}
