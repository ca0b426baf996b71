using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>Holds values to a range, in place.</summary>
public static class ClampOp
{
    /// <summary>x = min(max(x, -limit), limit); not-a-number becomes the limit.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">Any number of elements.</param>
    /// <param name="limit">The bound; above zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not above zero.</exception>
    public static void Run(ComputePool pool, Span<float> x, float limit)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(limit);
        Elementwise.Run(InstructionSets.Level, pool, new Function(limit), x, x, x);
    }

    internal readonly struct Function(float limit) : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes highest = TLanes.Create(limit);
            TLanes lowest = TLanes.Create(-limit);
            TLanes bounded = TLanes.SelectLess(a, highest, a, highest);
            return TLanes.SelectLess(lowest, bounded, bounded, lowest);
        }

        public float Apply(float a, float b)
        {
            float bounded = a < limit ? a : limit;
            return -limit < bounded ? bounded : -limit;
        }
    }
}
