using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>The functions of <see cref="ActivationKind"/>, alone or as a gate.</summary>
internal static class ActivationFunctions
{
    /// <summary>y = f(x).</summary>
    internal static void Run(InstructionSetLevel level, ComputePool pool, ActivationKind kind, ReadOnlySpan<float> x, Span<float> y) =>
        Run(level, pool, kind, gated: false, x, x, y);

    /// <summary>y = f(gate) * up.</summary>
    internal static void RunGated(
        InstructionSetLevel level, ComputePool pool, ActivationKind kind, ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> y) =>
        Run(level, pool, kind, gated: true, gate, up, y);

    private static void Run(
        InstructionSetLevel level,
        ComputePool pool,
        ActivationKind kind,
        bool gated,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        Span<float> y)
    {
        switch (kind)
        {
            case ActivationKind.Silu:
                Run<SiluFunction>(level, pool, gated, a, b, y);
                break;
            case ActivationKind.Gelu:
                Run<GeluFunction>(level, pool, gated, a, b, y);
                break;
            case ActivationKind.GeluErf:
                Run<GeluErfFunction>(level, pool, gated, a, b, y);
                break;
            case ActivationKind.GeluQuick:
                Run<GeluQuickFunction>(level, pool, gated, a, b, y);
                break;
            case ActivationKind.Relu:
                Run<ReluFunction>(level, pool, gated, a, b, y);
                break;
            case ActivationKind.ReluSquared:
                Run<ReluSquaredFunction>(level, pool, gated, a, b, y);
                break;
            case ActivationKind.Sigmoid:
                Run<SigmoidFunction>(level, pool, gated, a, b, y);
                break;
            case ActivationKind.Tanh:
                Run<TanhFunction>(level, pool, gated, a, b, y);
                break;
            case ActivationKind.Softplus:
                Run<SoftplusFunction>(level, pool, gated, a, b, y);
                break;
            case ActivationKind.Exponential:
                Run<ExponentialFunction>(level, pool, gated, a, b, y);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such activation function.");
        }
    }

    private static void Run<TActivation>(
        InstructionSetLevel level, ComputePool pool, bool gated, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y)
        where TActivation : struct, IActivation
    {
        if (gated)
        {
            Elementwise.Run(level, pool, default(Gated<TActivation>), a, b, y);
        }
        else
        {
            Elementwise.Run(level, pool, default(Alone<TActivation>), a, b, y);
        }
    }

    private readonly struct Alone<TActivation> : IElementwise
        where TActivation : struct, IActivation
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes> => TActivation.Apply(a);

        public float Apply(float a, float b) => TActivation.Apply(a);
    }

    private readonly struct Gated<TActivation> : IElementwise
        where TActivation : struct, IActivation
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes> => TLanes.Multiply(TActivation.Apply(a), b);

        public float Apply(float a, float b) => TActivation.Apply(a) * b;
    }

    private readonly struct SiluFunction : IActivation
    {
        public static TLanes Apply<TLanes>(TLanes x)
            where TLanes : struct, ILanes<TLanes> => FloatMath.Silu(x);

        public static float Apply(float x) => FloatMath.Silu(x);
    }

    /// <summary>
    /// In the equal form x / (1 + e^-2u), u = sqrt(2/pi) (x + 0.044715 x^3), which loses nothing where tanh is near -1. Argument and result
    /// are rounded to halves below 10, from where on the function is x: so does ggml, whose results models in GGUF files are known by.
    /// </summary>
    private readonly struct GeluFunction : IActivation
    {
        private const float TwiceRootOfTwoOverPi = 1.59576912f;
        private const float Cubic = 0.0713548163f;
        private const float Linear = 10;

        public static TLanes Apply<TLanes>(TLanes x)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes half = FloatMath.RoundToHalf(x);
            TLanes factor = TLanes.MultiplyAdd(TLanes.Create(Cubic), TLanes.Multiply(half, half), TLanes.Create(TwiceRootOfTwoOverPi));
            TLanes power = FloatMath.Exp(TLanes.Subtract(TLanes.Create(0f), TLanes.Multiply(half, factor)));
            TLanes result = FloatMath.RoundToHalf(TLanes.Divide(half, TLanes.Add(TLanes.Create(1f), power)));
            return TLanes.SelectLess(x, TLanes.Create(Linear), result, x);
        }

        public static float Apply(float x)
        {
            float half = FloatMath.RoundToHalf(x);
            float power = FloatMath.Exp(0f - (half * MathF.FusedMultiplyAdd(Cubic, half * half, TwiceRootOfTwoOverPi)));
            float result = FloatMath.RoundToHalf(half / (1f + power));
            return x < Linear ? result : x;
        }
    }

    /// <summary>x times the share of the normal distribution below x.</summary>
    private readonly struct GeluErfFunction : IActivation
    {
        public static TLanes Apply<TLanes>(TLanes x)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes zero = TLanes.Create(0f);
            TLanes lost = TLanes.Multiply(x, FloatMath.NormalTail(x));
            return TLanes.SelectLess(x, zero, lost, TLanes.Subtract(x, lost));
        }

        public static float Apply(float x)
        {
            float lost = x * FloatMath.NormalTail(x);
            return x < 0f ? lost : x - lost;
        }
    }

    /// <summary>Argument and result are rounded to halves, as in ggml.</summary>
    private readonly struct GeluQuickFunction : IActivation
    {
        private const float Slope = 1.702f;

        public static TLanes Apply<TLanes>(TLanes x)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes half = FloatMath.RoundToHalf(x);
            return FloatMath.RoundToHalf(TLanes.Divide(half, TLanes.Add(TLanes.Create(1f), FloatMath.Exp(TLanes.Multiply(half, TLanes.Create(-Slope))))));
        }

        public static float Apply(float x)
        {
            float half = FloatMath.RoundToHalf(x);
            return FloatMath.RoundToHalf(half / (1f + FloatMath.Exp(half * -Slope)));
        }
    }

    private readonly struct ReluFunction : IActivation
    {
        public static TLanes Apply<TLanes>(TLanes x)
            where TLanes : struct, ILanes<TLanes> => TLanes.SelectLess(TLanes.Create(0f), x, x, TLanes.Create(0f));

        public static float Apply(float x) => 0f < x ? x : 0f;
    }

    private readonly struct ReluSquaredFunction : IActivation
    {
        public static TLanes Apply<TLanes>(TLanes x)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes positive = ReluFunction.Apply(x);
            return TLanes.Multiply(positive, positive);
        }

        public static float Apply(float x)
        {
            float positive = ReluFunction.Apply(x);
            return positive * positive;
        }
    }

    private readonly struct SigmoidFunction : IActivation
    {
        public static TLanes Apply<TLanes>(TLanes x)
            where TLanes : struct, ILanes<TLanes> => FloatMath.Sigmoid(x);

        public static float Apply(float x) => FloatMath.Sigmoid(x);
    }

    private readonly struct TanhFunction : IActivation
    {
        public static TLanes Apply<TLanes>(TLanes x)
            where TLanes : struct, ILanes<TLanes> => FloatMath.Tanh(x);

        public static float Apply(float x) => FloatMath.Tanh(x);
    }

    private readonly struct SoftplusFunction : IActivation
    {
        public static TLanes Apply<TLanes>(TLanes x)
            where TLanes : struct, ILanes<TLanes> => FloatMath.Softplus(x);

        public static float Apply(float x) => FloatMath.Softplus(x);
    }

    private readonly struct ExponentialFunction : IActivation
    {
        public static TLanes Apply<TLanes>(TLanes x)
            where TLanes : struct, ILanes<TLanes> => FloatMath.Exp(x);

        public static float Apply(float x) => FloatMath.Exp(x);
    }
}
