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
    public void Exp_minus_one_loses_nothing_near_zero()
    {
        AssertRelative(FloatMath.ExpMinusOne, x => double.Abs(x) < 1e-5 ? x + (x * x / 2) : Math.Exp(x) - 1, -80f, 80f, 3e-7);
        Assert.Equal(1e-30f, FloatMath.ExpMinusOne(1e-30f));
        Assert.Equal(-1f, FloatMath.ExpMinusOne(float.NegativeInfinity));
        Assert.Equal(FloatMath.Exp(88f), FloatMath.ExpMinusOne(float.PositiveInfinity));
    }

    [Fact]
    public void Tanh_is_right_to_its_relative_error()
    {
        AssertRelative(FloatMath.Tanh, Math.Tanh, -20f, 20f, 4e-7);
        Assert.Equal(1f, FloatMath.Tanh(float.PositiveInfinity));
        Assert.Equal(-1f, FloatMath.Tanh(float.NegativeInfinity));
    }

    [Fact]
    public void Softplus_is_right_to_its_relative_error()
    {
        AssertRelative(FloatMath.Softplus, x => Math.Log(1 + Math.Exp(x)), -10f, 100f, 4e-7);
        AssertRelative(FloatMath.Softplus, x => Math.Exp(x) - (Math.Exp(2 * x) / 2) + (Math.Exp(3 * x) / 3), -87f, -10f, 4e-7);
        Assert.Equal(0f, FloatMath.Softplus(float.NegativeInfinity));
        Assert.Equal(float.PositiveInfinity, FloatMath.Softplus(float.PositiveInfinity));
    }

    [Fact]
    public void Sigmoid_is_right_to_its_relative_error() =>
        AssertRelative(FloatMath.Sigmoid, x => 1 / (1 + Math.Exp(-x)), -87f, 87f, 4e-7);

    /// <summary>Against values of the normal distribution from tables, to all digits of a double.</summary>
    [Theory]
    [InlineData(0.0, 0.5)]
    [InlineData(0.25, 0.40129367431707628)]
    [InlineData(-1.0, 0.15865525393145705)]
    [InlineData(1.96875, 0.0244909032642332743)]
    [InlineData(-3.0, 0.0013498980316300945)]
    [InlineData(5.0, 2.8665157187919391e-07)]
    [InlineData(9.0, 1.1285884059538405e-19)]
    public void Normal_tail_is_right_to_its_relative_error(double x, double expected)
    {
        double error = Math.Abs(FloatMath.NormalTail((float)x) - expected) / expected;
        Assert.InRange(error, 0, 4e-7 * (1 + (x * x / 2)));
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
        AssertTwin<ExpMinusOneFunction>(level, x);
        AssertTwin<SoftplusFunction>(level, x);
        AssertTwin<NormalTailFunction>(level, x);
    }

    private static void AssertRelative(Func<float, float> function, Func<double, double> exact, float start, float end, double bound)
    {
        for (float x = start; x < end; x += 0.00319f)
        {
            double expected = exact(x);
            double error = Math.Abs(function(x) - expected) / Math.Abs(expected);
            Assert.True(error <= bound, $"{x:G9}: expected {expected:G12}, actual {function(x):G9}.");
        }
    }

    private static void AssertTwin<TFunction>(string level, float[] x)
        where TFunction : struct, IElementwise
    {
        using ComputePool pool = new(1);
        float[] expected = [.. x.Select(value => default(TFunction).Apply(value, value))];
        float[] actual = new float[x.Length];
        Elementwise.Run(OperationData.Parse(level), pool, default(TFunction), x, x, actual);
        OperationData.AssertSameBits(expected, actual);
    }

    private readonly struct ExpFunction : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes> => FloatMath.Exp(a);

        public float Apply(float a, float b) => FloatMath.Exp(a);
    }

    private readonly struct ExpMinusOneFunction : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes> => FloatMath.ExpMinusOne(a);

        public float Apply(float a, float b) => FloatMath.ExpMinusOne(a);
    }

    private readonly struct TanhFunction : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes> => FloatMath.Tanh(a);

        public float Apply(float a, float b) => FloatMath.Tanh(a);
    }

    private readonly struct SoftplusFunction : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes> => FloatMath.Softplus(a);

        public float Apply(float a, float b) => FloatMath.Softplus(a);
    }

    private readonly struct NormalTailFunction : IElementwise
    {
        public TLanes Apply<TLanes>(TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes> => FloatMath.NormalTail(a);

        public float Apply(float a, float b) => FloatMath.NormalTail(a);
    }
}
