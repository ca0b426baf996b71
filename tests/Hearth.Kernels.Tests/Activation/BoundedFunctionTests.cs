using Hearth.Kernels.Activation;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Activation;

/// <summary>The element-wise operations that have parameters.</summary>
public sealed class BoundedFunctionTests
{
    [Fact]
    public void Clamped_swiglu_is_the_formula()
    {
        using ComputePool pool = new(2);
        float[] gate = [.. OperationData.Random(1, 20_000, 20f), 7f, 7.001f, -100f, 100f, 0f];
        float[] up = [.. OperationData.Random(2, 20_000, 20f), 7f, -7f, 8f, -8f, 0f];
        float[] y = new float[gate.Length];
        ClampedSwiGluOp.Run(pool, gate, up, 1.702f, 7f, y, y.Length);
        double[] expected = [.. gate.Zip(up, (g, u) => Exact(Math.Min(g, 7.0), Math.Clamp(u, -7.0, 7.0)))];
        OperationData.AssertClose(expected, y, 2e-6, 1e-30);
        static double Exact(double g, double u) => g / (1 + Math.Exp(-(double)1.702f * g)) * (u + 1);
    }

    [Fact]
    public void Limited_swiglu_is_the_formula()
    {
        using ComputePool pool = new(2);
        float[] gate = [.. OperationData.Random(1, 20_000, 20f), 1.5f, 2f, -100f, 100f, 0f];
        float[] up = [.. OperationData.Random(2, 20_000, 20f), 1.5f, -1.5f, 8f, -8f, 0f];
        float[] y = new float[gate.Length];
        LimitedSwiGluOp.Run(pool, gate, up, 1.5f, y, y.Length);
        double[] expected = [.. gate.Zip(up, (g, u) => Math.Min(g / (1 + Math.Exp(-(double)g)), 1.5) * Math.Clamp(u, -1.5, 1.5))];
        OperationData.AssertClose(expected, y, 2e-6, 1e-30);
    }

    [Fact]
    public void Expanded_integral_is_the_formula_on_both_sides()
    {
        using ComputePool pool = new(2);
        float[] x = [.. OperationData.Random(1, 20_000, 20f), 0f, -0f, -1e-7f, 1e-7f, -1e-3f, -200f, 1e6f];
        float[] y = new float[x.Length];
        ExpandedIntegralOp.Run(pool, x, 0.3f, -0.7f, 0.5f, -1e-6f, y, y.Length);
        double positive = Math.Log(1 + Math.Exp(-0.7));
        double negative = 0.5 + Math.Log(1 + Math.Exp(0.3));
        double[] expected =
        [
            .. x.Select(v => v > 0
                ? (positive * v * v) + (0.5 * v)
                : ((Math.Exp(Math.Min(v, -1e-6)) - 1 - v) * negative) + (0.5 * v)),
        ];
        OperationData.AssertClose(expected, y, 1e-6, 2e-7);
    }

    [Fact]
    public void Soft_cap_is_the_formula()
    {
        using ComputePool pool = new(2);
        float[] x = [.. OperationData.Random(1, 20_000, 90f), 0f, 1e-6f, 1e9f, float.NegativeInfinity];
        double[] expected = [.. x.Select(v => 30 * Math.Tanh(v / 30.0))];
        SoftCapOp.Run(pool, x, 30f);
        OperationData.AssertClose(expected, x, 6e-7, 0);
    }

    [Fact]
    public void Clamp_is_the_formula()
    {
        using ComputePool pool = new(2);
        float[] x = [.. OperationData.Random(1, 20_000, 9f), float.PositiveInfinity, float.NegativeInfinity, 0f];
        float[] expected = [.. x.Select(v => Math.Clamp(v, -2.5f, 2.5f))];
        ClampOp.Run(pool, x, 2.5f);
        Assert.Equal(expected, x);
        float[] nothing = [float.NaN];
        ClampOp.Run(pool, nothing, 2.5f);
        Assert.Equal(2.5f, nothing[0]);
    }

    [Fact]
    public void Multiply_is_the_product_of_elements()
    {
        using ComputePool pool = new(3);
        float[] a = OperationData.Random(1, 20_001);
        float[] b = OperationData.Random(2, a.Length);
        float[] y = new float[a.Length];
        MultiplyOp.Run(pool, a, b, y, y.Length);
        Assert.Equal(a.Zip(b, (left, right) => left * right), y);
        MultiplyOp.Run(pool, a, b, a, a.Length);
        Assert.Equal(y, a);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Rows_are_multiplied_by_a_vector_or_by_a_number_each(int threads)
    {
        using ComputePool pool = new(threads);
        foreach ((int rows, int columns) in new[] { (0, 5), (1, 1), (1, 40), (5, 37), (7, 2048), (3, 15), (3, 16) })
        {
            float[] x = OperationData.Random(1, rows * columns);
            float[] vector = OperationData.Random(2, columns);
            float[] numbers = OperationData.Random(3, rows);
            float[] y = new float[x.Length];
            MultiplyRowsOp.Run(pool, x, vector, y, rows, columns);
            Assert.Equal(x.Select((value, i) => value * vector[i % columns]), y);
            foreach (InstructionSetLevel level in OperationData.AllLevels)
            {
                float[] scaled = [.. x];
                ScaleRowsOp.Run(level, pool, numbers, scaled, rows, columns);
                Assert.Equal(x.Select((value, i) => value * numbers[i / columns]), scaled);
            }
        }
    }

    [Fact]
    public void Wrong_lengths_and_bounds_are_refused_by_name()
    {
        using ComputePool pool = new(1);
        float[] four = new float[4];
        float[] five = new float[5];
        AssertRefused("gate", () => ClampedSwiGluOp.Run(pool, four, five, 1.7f, 7f, five, 5));
        AssertRefused("up", () => ClampedSwiGluOp.Run(pool, five, four, 1.7f, 7f, five, 5));
        AssertRefused("y", () => ClampedSwiGluOp.Run(pool, five, five, 1.7f, 7f, four, 5));
        AssertRefused("gate", () => LimitedSwiGluOp.Run(pool, four, five, 7f, five, 5));
        AssertRefused("up", () => LimitedSwiGluOp.Run(pool, five, four, 7f, five, 5));
        AssertRefused("y", () => LimitedSwiGluOp.Run(pool, five, five, 7f, four, 5));
        AssertRefused("limit", () => LimitedSwiGluOp.Run(pool, five, five, 0f, five, 5));
        AssertRefused("limit", () => ClampedSwiGluOp.Run(pool, five, five, 1.7f, 0f, five, 5));
        AssertRefused("limit", () => ClampedSwiGluOp.Run(pool, five, five, 1.7f, float.NaN, five, 5));
        AssertRefused("x", () => ExpandedIntegralOp.Run(pool, four, 1f, 1f, 1f, 0f, five, 5));
        AssertRefused("y", () => ExpandedIntegralOp.Run(pool, five, 1f, 1f, 1f, 0f, four, 5));
        AssertRefused("cap", () => SoftCapOp.Run(pool, five, -1f));
        AssertRefused("limit", () => ClampOp.Run(pool, five, -1f));
        AssertRefused("a", () => MultiplyOp.Run(pool, four, five, five, 5));
        AssertRefused("b", () => MultiplyOp.Run(pool, five, four, five, 5));
        AssertRefused("y", () => MultiplyOp.Run(pool, five, five, four, 5));
        AssertRefused("x", () => MultiplyRowsOp.Run(pool, five, four, new float[8], 2, 4));
        AssertRefused("factors", () => MultiplyRowsOp.Run(pool, new float[8], five, new float[8], 2, 4));
        AssertRefused("y", () => MultiplyRowsOp.Run(pool, new float[8], four, five, 2, 4));
        AssertRefused("columns", () => MultiplyRowsOp.Run(pool, [], [], [], 2, 0));
        AssertRefused("factors", () => ScaleRowsOp.Run(pool, four, five, 5, 1));
        AssertRefused("x", () => ScaleRowsOp.Run(pool, five, four, 5, 1));
    }

    private static void AssertRefused(string name, Action action) =>
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(action).ParamName);
}
