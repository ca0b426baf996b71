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
        Elementwise.Run<Function>(InstructionSets.Level, pool, y, y, factor, y);
    }

    internal readonly struct Function : IElementwise
    {
        public static TLanes Apply<TLanes>(TLanes a, TLanes b, TLanes parameter)
            where TLanes : struct, ILanes<TLanes> =>
            TLanes.Multiply(a, parameter);

        public static float Apply(float a, float b, float parameter) => a * parameter;
    }
}
