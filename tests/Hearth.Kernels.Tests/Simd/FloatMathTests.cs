using Hearth.Kernels.Activation;
using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Simd;

public sealed class FloatMathTests
{
    public static TheoryData<string> Levels => OperationData.Levels;

    [Fact]
    public void Exp_is_right_to_an_ulp_over_its_range()
    {
        double worst = 0;
        for (float x = -87f; x < 88f; x += 0.00137f)
        {
            double exact = Math.Exp(x);
            worst = Math.Max(worst, Math.Abs(FloatMath.Exp(x) - exact) / exact);
        }

        Assert.InRange(worst, 1e-9, 1.2e-7);
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(-87.1f, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    public void Exp_of_edges(float x, float expected) => Assert.Equal(expected, FloatMath.Exp(x));

    [Fact]
    public void Exp_stays_finite_above_its_range()
    {
        Assert.Equal(FloatMath.Exp(88f), FloatMath.Exp(float.PositiveInfinity));
        Assert.True(float.IsFinite(FloatMath.Exp(1000f)));
    }

    [Fact]
    public void Tanh_is_right_to_its_absolute_error()
    {
        for (float x = -20f; x < 20f; x += 0.0031f)
        {
            Assert.InRange(FloatMath.Tanh(x), Math.Tanh(x) - 2e-7, Math.Tanh(x) + 2e-7);
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void All_widths_give_the_bits_of_the_scalar_code(string level)
    {
        float[] x =
        [
            .. OperationData.Random(1, 1600, 80f), -87f, -87.001f, 88f, 88.1f, 0f, -0f, 1e-30f, float.NegativeInfinity, 500f, -500f,
            .. new float[6],
        ];
        AssertTwin<ExpFunction>(level, x);
        AssertTwin<TanhFunction>(level, x);
        AssertTwin<SiluGatedOp.Function>(level, x);
    }

    private static void AssertTwin<TFunction>(string level, float[] x)
        where TFunction : struct, IElementwise
    {
        using ComputePool pool = new(1);
        float[] expected = new float[x.Length];
        float[] actual = new float[x.Length];
        Elementwise.Reference<TFunction>(x, x, 0f, expected);
        Elementwise.Run<TFunction>(OperationData.Parse(level), pool, x, x, 0f, actual);
        OperationData.AssertSameBits(expected, actual);
    }

    private readonly struct ExpFunction : IElementwise
    {
        public static TLanes Apply<TLanes>(TLanes a, TLanes b, TLanes parameter)
            where TLanes : struct, ILanes<TLanes> => FloatMath.Exp(a);

        public static float Apply(float a, float b, float parameter) => FloatMath.Exp(a);
    }

    private readonly struct TanhFunction : IElementwise
    {
        public static TLanes Apply<TLanes>(TLanes a, TLanes b, TLanes parameter)
            where TLanes : struct, ILanes<TLanes> => FloatMath.Tanh(a);

        public static float Apply(float a, float b, float parameter) => FloatMath.Tanh(a);
    }
}
