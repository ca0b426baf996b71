using Hearth.Kernels.Activation;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Activation;

public sealed class ElementwiseTests
{
    public static TheoryData<string> Levels => OperationData.Levels;

    [Theory]
    [MemberData(nameof(Levels))]
    public void Every_function_has_the_bits_of_its_scalar_twin(string level)
    {
        AssertTwin<SiluGatedOp.Function>(level);
        AssertTwin<AddOp.Function>(level);
        AssertTwin<ScaleOp.Function>(level);
        AssertTwin<ScaledAddOp.Function>(level);
    }

    [Fact]
    public void Silu_gated_is_the_formula()
    {
        using ComputePool pool = new(2);
        float[] gate = [.. OperationData.Random(1, 20_000, 8f), -100f, 100f, 0f];
        float[] up = OperationData.Random(2, gate.Length);
        float[] y = new float[gate.Length];
        SiluGatedOp.Run(pool, gate, up, y, y.Length);
        double[] expected = [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-(double)g)) * u)];
        OperationData.AssertClose(expected, y, 4e-7, 1e-30);
    }

    [Fact]
    public void Add_scale_and_scaled_add_are_their_formulas()
    {
        using ComputePool pool = new(3);
        float[] x = OperationData.Random(1, 20_001);
        float[] y = OperationData.Random(2, x.Length);
        float[] sum = [.. y];
        AddOp.Run(pool, x, sum);
        Assert.Equal(x.Zip(y, (a, b) => a + b), sum);
        float[] scaled = [.. y];
        ScaleOp.Run(pool, scaled, 0.3f);
        Assert.Equal(y.Select(b => b * 0.3f), scaled);
        float[] mixed = [.. y];
        ScaledAddOp.Run(pool, 0.3f, x, mixed);
        Assert.Equal(x.Zip(y, (a, b) => MathF.FusedMultiplyAdd(a, 0.3f, b)), mixed);
    }

    [Fact]
    public void Add_rows_adds_the_bias_to_every_token()
    {
        using ComputePool pool = new(2);
        float[] bias = OperationData.Random(1, 37);
        float[] y = OperationData.Random(2, 37 * 5);
        float[] expected = [.. y.Select((value, i) => value + bias[i % 37])];
        AddRowsOp.Run(pool, bias, y, 5, 37);
        Assert.Equal(expected, y);
    }

    [Fact]
    public void Wrong_lengths_are_refused_by_name()
    {
        using ComputePool pool = new(1);
        Assert.Equal(
            "gate",
            Assert.Throws<ArgumentException>(() => SiluGatedOp.Run(pool, new float[4], new float[5], new float[5], 5)).ParamName);
        Assert.Equal(
            "up",
            Assert.Throws<ArgumentException>(() => SiluGatedOp.Run(pool, new float[5], new float[4], new float[5], 5)).ParamName);
        Assert.Equal(
            "y",
            Assert.Throws<ArgumentException>(() => SiluGatedOp.Run(pool, new float[5], new float[5], new float[6], 5)).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => AddOp.Run(pool, new float[5], new float[6])).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => ScaledAddOp.Run(pool, 1f, new float[5], new float[6])).ParamName);
        Assert.Equal("bias", Assert.Throws<ArgumentException>(() => AddRowsOp.Run(pool, new float[5], new float[12], 2, 6)).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => AddRowsOp.Run(pool, new float[6], new float[11], 2, 6)).ParamName);
    }

    [Theory]
    [InlineData(new[] { 1f }, 0)]
    [InlineData(new[] { 1f, 3f, 3f, 2f }, 1)]
    [InlineData(new[] { float.NaN, -5f, -4f }, 2)]
    [InlineData(new[] { float.NegativeInfinity, float.NaN }, 0)]
    public void Arg_max_of_few(float[] x, int expected) => Assert.Equal(expected, ArgMaxOp.Run(x));

    [Fact]
    public void Arg_max_takes_the_first_of_equals_anywhere()
    {
        for (int place = 0; place < 100; place++)
        {
            float[] x = OperationData.Random(place, 100);
            x[place] = 7f;
            x[99] = 7f;
            Assert.Equal(place, ArgMaxOp.Run(x));
        }

        Assert.Throws<ArgumentException>(() => ArgMaxOp.Run([]));
    }

    private static void AssertTwin<TFunction>(string level)
        where TFunction : struct, IElementwise
    {
        foreach (int count in new[] { 0, 1, 15, 16, 33, 960, 20_011 })
        {
            float[] a = OperationData.Random(count, count, 9f);
            float[] b = OperationData.Random(count + 1, count);
            float[] expected = new float[count];
            Elementwise.Reference<TFunction>(a, b, 0.37f, expected);
            foreach (int threads in new[] { 1, 3 })
            {
                using ComputePool pool = new(threads);
                float[] y = new float[count];
                Elementwise.Run<TFunction>(OperationData.Parse(level), pool, a, b, 0.37f, y);
                OperationData.AssertSameBits(expected, y);
            }
        }
    }
}
