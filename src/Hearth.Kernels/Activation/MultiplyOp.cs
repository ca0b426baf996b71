using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>The product of two vectors, element by element.</summary>
public static class MultiplyOp
{
    /// <summary>y = a * b.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="a">[count].</param>
    /// <param name="b">[count].</param>
    /// <param name="y">[count]; may be <paramref name="a"/> or <paramref name="b"/> itself.</param>
    /// <param name="count">Elements.</param>
    /// <exception cref="ArgumentException">A span does not have <paramref name="count"/> elements.</exception>
    public static void Run(ComputePool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y, int count)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfLengthDiffers(a.Length, count, "[count]", nameof(a));
        OperationArgument.ThrowIfLengthDiffers(b.Length, count, "[count]", nameof(b));
        OperationArgument.ThrowIfLengthDiffers(y.Length, count, "[count]", nameof(y));
        Elementwise.Run(InstructionSets.Level, pool, default(Function), a, b, y);
    }

    internal readonly struct Function : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes> => TLanes.Multiply(a, b);

        public float Apply(float a, float b) => a * b;
    }
}
