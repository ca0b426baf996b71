using Hearth.Kernels.Norm;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Norm;

public sealed class SumRowsOpTests
{
    public static TheoryData<string> Levels => OperationData.Levels;

    [Theory]
    [MemberData(nameof(Levels))]
    public void Has_the_bits_of_its_scalar_twin_for_any_threads(string level)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        foreach (int columns in Enumerable.Range(1, 40).Append(128).Append(2049))
        {
            float[] x = OperationData.Random(columns, 9 * columns, 5f);
            float[] expected = new float[9];
            SumRowsOp.Run(InstructionSetLevel.Scalar, one, x, expected, 9, columns);
            foreach (ComputePool pool in new[] { one, three })
            {
                float[] y = new float[9];
                SumRowsOp.Run(OperationData.Parse(level), pool, x, y, 9, columns);
                OperationData.AssertSameBits(expected, y);
            }
        }
    }

    [Fact]
    public void Is_the_sum()
    {
        using ComputePool pool = new(2);
        float[] x = [.. Enumerable.Range(0, 5 * 77).Select(i => i % 13)];
        float[] y = new float[5];
        SumRowsOp.Run(pool, x, y, 5, 77);
        Assert.Equal(x.Chunk(77).Select(row => row.Sum()), y);
    }

    [Fact]
    public void Wrong_shapes_are_refused_by_name()
    {
        using ComputePool pool = new(1);
        float[] both = new float[8];
        AssertRefused("x", () => SumRowsOp.Run(pool, new float[7], new float[2], 2, 4));
        AssertRefused("y", () => SumRowsOp.Run(pool, new float[8], new float[3], 2, 4));
        AssertRefused("y", () => SumRowsOp.Run(pool, both, both.AsSpan(0, 2), 2, 4));
        AssertRefused("columns", () => SumRowsOp.Run(pool, [], [], 2, -4));
    }

    private static void AssertRefused(string name, Action action) =>
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(action).ParamName);
}
