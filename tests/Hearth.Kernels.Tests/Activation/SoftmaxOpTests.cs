using Hearth.Kernels.Activation;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Activation;

public sealed class SoftmaxOpTests
{
    public static TheoryData<string> Levels => OperationData.Levels;

    [Theory]
    [MemberData(nameof(Levels))]
    public void Has_the_bits_of_its_scalar_twin_for_any_threads_and_rows(string level)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        foreach (int columns in new[] { 1, 15, 16, 17, 64, 1003 })
        {
            float[] x = OperationData.Random(columns, 7 * columns, 20f);
            float[] expected = [.. x];
            SoftmaxOp.Reference(expected, columns);
            foreach (ComputePool pool in new[] { one, three })
            {
                float[] y = [.. x];
                SoftmaxOp.Run(OperationData.Parse(level), pool, y, 7, columns);
                OperationData.AssertSameBits(expected, y);
                float[] row = x[(3 * columns)..(4 * columns)];
                SoftmaxOp.Run(OperationData.Parse(level), pool, row, 1, columns);
                OperationData.AssertSameBits(expected.AsSpan(3 * columns, columns), row);
            }
        }
    }

    [Fact]
    public void Is_the_formula()
    {
        using ComputePool pool = new(1);
        float[] x = OperationData.Random(5, 2 * 333, 12f);
        double[] expected = new double[x.Length];
        for (int row = 0; row < 2; row++)
        {
            double sum = x.Skip(row * 333).Take(333).Sum(value => Math.Exp(value));
            for (int i = row * 333; i < (row + 1) * 333; i++)
            {
                expected[i] = Math.Exp(x[i]) / sum;
            }
        }

        SoftmaxOp.Run(pool, x, 2, 333);
        OperationData.AssertClose(expected, x, 3e-6, 1e-30);
    }

    [Fact]
    public void Masked_columns_become_zero()
    {
        using ComputePool pool = new(1);
        float[] x = [1f, float.NegativeInfinity, 1f];
        SoftmaxOp.Run(pool, x, 1, 3);
        Assert.Equal([0.5f, 0f, 0.5f], x);
    }

    [Fact]
    public void Wrong_shapes_are_refused()
    {
        using ComputePool pool = new(1);
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => SoftmaxOp.Run(pool, new float[7], 2, 4)).ParamName);
        Assert.Equal("columns", Assert.Throws<ArgumentOutOfRangeException>(() => SoftmaxOp.Run(pool, [], 2, 0)).ParamName);
    }
}
