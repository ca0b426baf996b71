using Hearth.Kernels.Conv;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Conv;

public sealed class CausalConvOpTests
{
    public static TheoryData<string> Levels => OperationData.Levels;

    [Theory]
    [MemberData(nameof(Levels))]
    public void Has_the_bits_of_its_scalar_twin_for_any_threads_and_any_split_of_the_rows(string level)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        foreach ((int rows, int channels, int kernel) in Shapes())
        {
            Case expected = new(rows, channels, kernel);
            expected.Run(InstructionSetLevel.Scalar, one, 0, rows);
            foreach (ComputePool pool in new[] { one, three })
            {
                foreach (int step in new[] { 1, 2, 3, rows })
                {
                    Case actual = new(rows, channels, kernel);
                    for (int start = 0; start < rows; start += step)
                    {
                        actual.Run(OperationData.Parse(level), pool, start, Math.Min(rows, start + step));
                    }

                    OperationData.AssertSameBits(expected.Y, actual.Y);
                    OperationData.AssertSameBits(expected.State, actual.State);
                }
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Is_the_formula(bool hasBias)
    {
        using ComputePool pool = new(2);
        Case it = new(9, 50, 4, hasBias);
        float[] inputs = [.. it.State, .. it.X];
        double[] expected = new double[it.Y.Length];
        for (int t = 0; t < 9; t++)
        {
            for (int c = 0; c < 50; c++)
            {
                double sum = hasBias ? it.Bias[c] : 0;
                for (int k = 0; k < 4; k++)
                {
                    sum += (double)it.Weight[(c * 4) + k] * inputs[((t + k) * 50) + c];
                }

                expected[(t * 50) + c] = sum;
            }
        }

        it.Run(InstructionSets.Level, pool, 0, 9);
        OperationData.AssertClose(expected, it.Y, 3e-7, 3e-7);
        Assert.Equal(inputs[^(3 * 50)..], it.State);
    }

    [Fact]
    public void No_rows_change_nothing_and_a_kernel_of_one_has_no_state()
    {
        using ComputePool pool = new(1);
        Case none = new(0, 20, 4);
        float[] before = [.. none.State];
        none.Run(InstructionSets.Level, pool, 0, 0);
        Assert.Equal(before, none.State);
        float[] y = new float[2];
        CausalConvOp.Run(pool, [3f, 5f], [2f], [1f], [], y, 2, 1, 1);
        Assert.Equal([7f, 11f], y);
    }

    [Fact]
    public void Not_a_number_stays_in_its_channel_and_its_window()
    {
        using ComputePool pool = new(1);
        Case it = new(6, 33, 3);
        it.X[7] = float.NaN;
        it.X[8] = float.PositiveInfinity;
        it.Run(InstructionSets.Level, pool, 0, 6);
        for (int i = 0; i < it.Y.Length; i++)
        {
            Assert.Equal(i % 33 is 7 or 8 && i / 33 < 3, !float.IsFinite(it.Y[i]));
        }
    }

    [Fact]
    public void Wrong_shapes_are_refused_by_name()
    {
        using ComputePool pool = new(1);
        AssertRefused("x", () => CausalConvOp.Run(pool, new float[7], new float[12], [], new float[8], new float[8], 2, 4, 3));
        AssertRefused("weight", () => CausalConvOp.Run(pool, new float[8], new float[8], [], new float[8], new float[8], 2, 4, 3));
        AssertRefused("bias", () => CausalConvOp.Run(pool, new float[8], new float[12], [1f], new float[8], new float[8], 2, 4, 3));
        AssertRefused("state", () => CausalConvOp.Run(pool, new float[8], new float[12], [], new float[12], new float[8], 2, 4, 3));
        AssertRefused("y", () => CausalConvOp.Run(pool, new float[8], new float[12], [], new float[8], new float[9], 2, 4, 3));
        AssertRefused("kernel", () => CausalConvOp.Run(pool, [], [], [], [], [], 0, 4, 0));
        AssertRefused("kernel", () => CausalConvOp.Run(pool, [], [], [], [], [], 0, 4, CausalConvOp.MaxKernel + 1));
        AssertRefused("channels", () => CausalConvOp.Run(pool, [], [], [], [], [], 0, 0, 3));
        float[] same = new float[8];
        AssertRefused("y", () => CausalConvOp.Run(pool, same, new float[12], [], new float[8], same, 2, 4, 3));
    }

    private static IEnumerable<(int Rows, int Channels, int Kernel)> Shapes()
    {
        for (int channels = 1; channels <= 40; channels++)
        {
            yield return (5, channels, 1 + (channels % 5));
        }

        yield return (7, 1000, 4);
        yield return (2, 300, 100);
        yield return (3, 35, CausalConvOp.MaxKernel);
    }

    private static void AssertRefused(string name, Action action) =>
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(action).ParamName);

    private sealed class Case(int rows, int channels, int kernel, bool hasBias = true)
    {
        public float[] X { get; } = OperationData.Random(1, rows * channels);

        public float[] Weight { get; } = OperationData.Random(2, channels * kernel);

        public float[] Bias { get; } = hasBias ? OperationData.Random(3, channels) : [];

        public float[] State { get; } = OperationData.Random(4, (kernel - 1) * channels);

        public float[] Y { get; } = new float[rows * channels];

        public void Run(InstructionSetLevel level, ComputePool pool, int start, int end) =>
            CausalConvOp.Run(
                level,
                pool,
                X.AsSpan(start * channels, (end - start) * channels),
                Weight,
                Bias,
                State,
                Y.AsSpan(start * channels, (end - start) * channels),
                end - start,
                channels,
                kernel);
    }
}
