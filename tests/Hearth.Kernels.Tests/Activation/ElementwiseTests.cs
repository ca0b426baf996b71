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
        AssertTwin(level, default(AddOp.Function));
        AssertTwin(level, new ScaleOp.Function(0.37f));
        AssertTwin(level, new ScaledAddOp.Function(0.37f));
        AssertTwin(level, default(MultiplyOp.Function));
        AssertTwin(level, new ClampedSwiGluOp.Function(1.702f, 7f));
        AssertTwin(level, new LimitedSwiGluOp.Function(1.5f));
        AssertTwin(level, new ExpandedIntegralOp.Function(0.9f, 0.8f, 0.5f, -1e-6f));
        AssertTwin(level, new SoftCapOp.Function(3f));
        AssertTwin(level, new ClampOp.Function(2f));
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

    private static void AssertTwin<TFunction>(string level, TFunction function)
        where TFunction : struct, IElementwise
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        foreach (int count in Enumerable.Range(0, 41).Append(960).Append(20_011))
        {
            float[] a = OperationData.Random(count, count, 9f);
            float[] b = OperationData.Random(count + 1, count);
            float[] expected = [.. a.Zip(b, function.Apply)];
            foreach (ComputePool pool in new[] { one, three })
            {
                float[] y = new float[count];
                Elementwise.Run(OperationData.Parse(level), pool, function, a, b, y);
                OperationData.AssertSameBits(expected, y);
            }
        }
    }
}
