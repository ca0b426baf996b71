using Hearth.Kernels.Norm;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Norm;

public sealed class RmsNormOpTests
{
    public static TheoryData<string> Levels => OperationData.Levels;

    [Theory]
    [MemberData(nameof(Levels))]
    public void Has_the_bits_of_its_scalar_twin_for_any_threads_and_tokens(string level)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        foreach (int columns in Enumerable.Range(1, 40).Append(960).Append(2049))
        {
            float[] x = OperationData.Random(columns, 9 * columns, 5f);
            float[] weight = OperationData.Random(1, columns);
            float[] expected = new float[x.Length];
            RmsNormOp.Run(InstructionSetLevel.Scalar, one, x, weight, 1e-5f, expected, 9, columns);
            foreach (ComputePool pool in new[] { one, three })
            {
                float[] y = new float[x.Length];
                RmsNormOp.Run(OperationData.Parse(level), pool, x, weight, 1e-5f, y, 9, columns);
                OperationData.AssertSameBits(expected, y);
                float[] row = new float[columns];
                RmsNormOp.Run(OperationData.Parse(level), pool, x.AsSpan(4 * columns, columns), weight, 1e-5f, row, 1, columns);
                OperationData.AssertSameBits(expected.AsSpan(4 * columns, columns), row);
            }
        }
    }

    [Fact]
    public void Is_the_formula_also_in_place()
    {
        using ComputePool pool = new(2);
        float[] x = OperationData.Random(3, 960, 0.01f);
        float[] weight = OperationData.Random(4, 960);
        double mean = x.Sum(value => (double)value * value) / 960;
        double[] expected = [.. x.Zip(weight, (value, w) => value / Math.Sqrt(mean + 1e-5) * w)];
        RmsNormOp.Run(pool, x, weight, 1e-5f, x, 1, 960);
        OperationData.AssertClose(expected, x, 5e-7, 0);
    }

    [Fact]
    public void Without_weights_rows_get_the_root_mean_square_one()
    {
        using ComputePool pool = new(2);
        float[] x = OperationData.Random(3, 3 * 65);
        float[] ones = [.. Enumerable.Repeat(1f, 65)];
        float[] expected = new float[x.Length];
        float[] y = new float[x.Length];
        RmsNormOp.Run(pool, x, ones, 1e-5f, expected, 3, 65);
        RmsNormOp.Run(pool, x, [], 1e-5f, y, 3, 65);
        OperationData.AssertSameBits(expected, y);
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Rows_take_the_weights_of_their_group(string level)
    {
        using ComputePool pool = new(2);
        float[] x = OperationData.Random(3, 6 * 20);
        float[] weight = OperationData.Random(4, 3 * 20);
        float[] y = new float[x.Length];
        RmsNormOp.Run(OperationData.Parse(level), pool, x, weight, 1e-5f, y, 6, 20);
        for (int row = 0; row < 6; row++)
        {
            float[] expected = new float[20];
            RmsNormOp.Run(pool, x.AsSpan(row * 20, 20), weight.AsSpan(row % 3 * 20, 20), 1e-5f, expected, 1, 20);
            OperationData.AssertSameBits(expected, y.AsSpan(row * 20, 20));
        }
    }

    [Fact]
    public void Wrong_shapes_are_refused_by_name()
    {
        using ComputePool pool = new(1);
        Assert.Equal(
            "x",
            Assert.Throws<ArgumentException>(() => RmsNormOp.Run(pool, new float[7], new float[4], 0, new float[8], 2, 4)).ParamName);
        Assert.Equal(
            "weight",
            Assert.Throws<ArgumentException>(() => RmsNormOp.Run(pool, new float[8], new float[3], 0, new float[8], 2, 4)).ParamName);
        Assert.Equal(
            "weight",
            Assert.Throws<ArgumentException>(() => RmsNormOp.Run(pool, new float[12], new float[8], 0, new float[12], 3, 4)).ParamName);
        Assert.Equal(
            "y",
            Assert.Throws<ArgumentException>(() => RmsNormOp.Run(pool, new float[8], new float[4], 0, new float[9], 2, 4)).ParamName);
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => RmsNormOp.Run(pool, [], new float[4], 0, [], -1, 4)).ParamName);
    }
}
