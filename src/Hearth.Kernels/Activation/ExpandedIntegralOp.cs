using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>
/// The expanded integral of the exponential linear unit, xIELU (Huang and Schlag, arXiv:2411.13010), as Apertus uses it: with
/// p = softplus(alphaP) and n = beta + softplus(alphaN), y = x (p x + beta) for x above zero, otherwise
/// y = n (e^min(x, epsilon) - 1 - x) + beta x.
/// </summary>
public static class ExpandedIntegralOp
{
    /// <summary>y = xIELU(x).</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">[count].</param>
    /// <param name="alphaN">The parameter of the negative side as the file has it: before softplus.</param>
    /// <param name="alphaP">The parameter of the positive side as the file has it: before softplus.</param>
    /// <param name="beta">The slope at zero; 0.5 in Apertus.</param>
    /// <param name="epsilon">The bound of the exponent, just below zero; -1e-6 in Apertus.</param>
    /// <param name="y">[count]; may be <paramref name="x"/> itself.</param>
    /// <param name="count">Elements.</param>
    /// <exception cref="ArgumentException">A span does not have <paramref name="count"/> elements.</exception>
    public static void Run(
        ComputePool pool, ReadOnlySpan<float> x, float alphaN, float alphaP, float beta, float epsilon, Span<float> y, int count)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfLengthDiffers(x.Length, count, "[count]", nameof(x));
        OperationArgument.ThrowIfLengthDiffers(y.Length, count, "[count]", nameof(y));
        Function function = new(beta + FloatMath.Softplus(alphaN), FloatMath.Softplus(alphaP), beta, epsilon);
        Elementwise.Run(InstructionSets.Level, pool, function, x, x, y);
    }

    internal readonly struct Function(float negative, float positive, float beta, float epsilon) : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes slope = TLanes.Create(beta);
            TLanes bound = TLanes.Create(epsilon);
            TLanes above = TLanes.Multiply(a, TLanes.MultiplyAdd(TLanes.Create(positive), a, slope));
            TLanes growth = FloatMath.ExpMinusOne(TLanes.SelectLess(a, bound, a, bound));
            TLanes below = TLanes.MultiplyAdd(TLanes.Subtract(growth, a), TLanes.Create(negative), TLanes.Multiply(a, slope));
            return TLanes.SelectLess(TLanes.Create(0f), a, above, below);
        }

        public float Apply(float a, float b)
        {
            if (0f < a)
            {
                return a * MathF.FusedMultiplyAdd(positive, a, beta);
            }

            float growth = FloatMath.ExpMinusOne(a < epsilon ? a : epsilon);
            return MathF.FusedMultiplyAdd(growth - a, negative, a * beta);
        }
    }
}
