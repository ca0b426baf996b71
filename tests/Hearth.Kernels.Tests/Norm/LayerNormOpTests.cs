using Hearth.Kernels.Norm;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Norm;

public sealed class LayerNormOpTests
{
    public static TheoryData<string> Levels => OperationData.Levels;

    [Theory]
    [MemberData(nameof(Levels))]
    public void Has_the_bits_of_its_scalar_twin_for_any_threads_and_rows(string level)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        foreach (int columns in Enumerable.Range(1, 40).Append(960).Append(2049))
        {
            float[] x = OperationData.Random(columns, 9 * columns, 5f);
            float[] weight = OperationData.Random(1, 3 * columns);
            float[] bias = OperationData.Random(2, columns);
            float[] expected = new float[x.Length];
            LayerNormOp.Run(InstructionSetLevel.Scalar, one, x, weight, bias, 1e-5f, expected, 9, columns);
            foreach (ComputePool pool in new[] { one, three })
            {
                float[] y = new float[x.Length];
                LayerNormOp.Run(OperationData.Parse(level), pool, x, weight, bias, 1e-5f, y, 9, columns);
                OperationData.AssertSameBits(expected, y);
            }

            float[] row = new float[columns];
            LayerNormOp.Run(
                OperationData.Parse(level),
                one,
                x.AsSpan(4 * columns, columns),
                weight.AsSpan(columns, columns),
                bias,
                1e-5f,
                row,
                1,
                columns);
            OperationData.AssertSameBits(expected.AsSpan(4 * columns, columns), row);
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Is_the_formula_also_in_place(bool hasWeight, bool hasBias)
    {
        using ComputePool pool = new(2);
        float[] x = [.. OperationData.Random(3, 2 * 333).Select(value => value + 10f)];
        float[] weight = hasWeight ? OperationData.Random(4, 333) : [];
        float[] bias = hasBias ? OperationData.Random(5, 333) : [];
        List<double> expected = [];
        foreach (float[] row in x.Chunk(333))
        {
            double mean = row.Sum(value => (double)value) / 333;
            double variance = row.Sum(value => (value - mean) * (value - mean)) / 333;
            expected.AddRange(row.Select((value, i) =>
                ((value - mean) / Math.Sqrt(variance + 1e-5) * (hasWeight ? weight[i] : 1)) + (hasBias ? bias[i] : 0)));
        }

        LayerNormOp.Run(pool, x, weight, bias, 1e-5f, x, 2, 333);
        OperationData.AssertClose([.. expected], x, 1e-6, 6e-6);
    }

    [Fact]
    public void A_row_of_one_value_becomes_the_bias()
    {
        using ComputePool pool = new(1);
        float[] x = [.. Enumerable.Repeat(3f, 32)];
        float[] bias = OperationData.Random(1, 32);
        LayerNormOp.Run(pool, x, [], bias, 1e-5f, x, 1, 32);
        Assert.Equal(bias, x);
    }

    [Fact]
    public void Wrong_shapes_are_refused_by_name()
    {
        using ComputePool pool = new(1);
        float[] four = new float[4];
        float[] eight = new float[8];
        AssertRefused("x", () => LayerNormOp.Run(pool, four, four, four, 0, eight, 2, 4));
        AssertRefused("weight", () => LayerNormOp.Run(pool, eight, new float[3], four, 0, eight, 2, 4));
        AssertRefused("weight", () => LayerNormOp.Run(pool, eight, new float[12], four, 0, eight, 2, 4));
        AssertRefused("bias", () => LayerNormOp.Run(pool, eight, four, new float[5], 0, eight, 2, 4));
        AssertRefused("y", () => LayerNormOp.Run(pool, eight, four, four, 0, four, 2, 4));
        AssertRefused("columns", () => LayerNormOp.Run(pool, [], [], [], 0, [], 2, 0));
    }

    private static void AssertRefused(string name, Action action) =>
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(action).ParamName);
}
