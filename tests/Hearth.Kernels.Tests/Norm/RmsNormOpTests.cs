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
        foreach (int columns in new[] { 1, 15, 16, 40, 64, 960, 2049 })
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
            "y",
            Assert.Throws<ArgumentException>(() => RmsNormOp.Run(pool, new float[8], new float[4], 0, new float[9], 2, 4)).ParamName);
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => RmsNormOp.Run(pool, [], new float[4], 0, [], -1, 4)).ParamName);
    }
}
