using Hearth.Kernels.Norm;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Norm;

public sealed class L2NormOpTests
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
            float[] expected = new float[x.Length];
            L2NormOp.Run(InstructionSetLevel.Scalar, one, x, 1e-6f, expected, 9, columns);
            foreach (ComputePool pool in new[] { one, three })
            {
                float[] y = new float[x.Length];
                L2NormOp.Run(OperationData.Parse(level), pool, x, 1e-6f, y, 9, columns);
                OperationData.AssertSameBits(expected, y);
            }
        }
    }

    [Fact]
    public void Is_the_formula_also_in_place()
    {
        using ComputePool pool = new(2);
        float[] x = OperationData.Random(3, 5 * 77);
        double[] expected =
            [.. x.Chunk(77).SelectMany(row => row.Select(value => value / Math.Sqrt(row.Sum(other => (double)other * other))))];
        L2NormOp.Run(pool, x, 1e-6f, x, 5, 77);
        OperationData.AssertClose(expected, x, 5e-7, 0);
    }

    [Fact]
    public void Short_rows_are_divided_by_epsilon()
    {
        using ComputePool pool = new(1);
        float[] x = [3e-4f, 4e-4f, 0f, 0f];
        L2NormOp.Run(pool, x, 1e-2f, x, 2, 2);
        OperationData.AssertClose([3e-2, 4e-2, 0, 0], x, 3e-7, 0);
    }

    [Fact]
    public void Wrong_shapes_are_refused_by_name()
    {
        using ComputePool pool = new(1);
        AssertRefused("x", () => L2NormOp.Run(pool, new float[7], 1e-6f, new float[8], 2, 4));
        AssertRefused("y", () => L2NormOp.Run(pool, new float[8], 1e-6f, new float[7], 2, 4));
        AssertRefused("epsilon", () => L2NormOp.Run(pool, new float[8], 0f, new float[8], 2, 4));
        AssertRefused("columns", () => L2NormOp.Run(pool, [], 1e-6f, [], 2, -4));
    }

    private static void AssertRefused(string name, Action action) =>
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(action).ParamName);
}
