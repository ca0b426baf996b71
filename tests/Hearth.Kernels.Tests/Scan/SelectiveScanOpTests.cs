using Hearth.Kernels.Scan;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Scan;

public sealed class SelectiveScanOpTests
{
    public static TheoryData<string> Levels => OperationData.Levels;

    [Theory]
    [MemberData(nameof(Levels))]
    public void Has_the_bits_of_its_scalar_twin_for_any_threads_and_any_split_of_the_rows(string level)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        foreach ((int rows, int inner, int states) in Shapes())
        {
            Case expected = new(rows, inner, states);
            expected.Run(InstructionSetLevel.Scalar, one, 0, rows);
            foreach (ComputePool pool in new[] { one, three })
            {
                foreach (int step in new[] { 1, 3, rows })
                {
                    Case actual = new(rows, inner, states);
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
    [InlineData(16, true)]
    [InlineData(19, false)]
    public void Is_the_formula(int states, bool hasD)
    {
        using ComputePool pool = new(2);
        Case it = new(30, 21, states, hasD);
        double[] h = [.. it.State.Select(value => (double)value)];
        double[] expected = new double[it.Y.Length];
        for (int t = 0; t < 30; t++)
        {
            for (int i = 0; i < 21; i++)
            {
                double x = it.X[(t * 21) + i];
                double dt = Math.Log(1 + Math.Exp(it.Dt[(t * 21) + i]));
                double sum = hasD ? it.D[i] * x : 0;
                for (int n = 0; n < states; n++)
                {
                    ref double value = ref h[(i * states) + n];
                    value = (value * Math.Exp(dt * it.A[(i * states) + n])) + (it.B[(t * states) + n] * x * dt);
                    sum += value * it.C[(t * states) + n];
                }

                expected[(t * 21) + i] = sum;
            }
        }

        it.Run(InstructionSets.Level, pool, 0, 30);
        OperationData.AssertClose(expected, it.Y, 1e-6, 2e-6);
        OperationData.AssertClose(h, it.State, 1e-6, 1e-6);
    }

    [Fact]
    public void The_output_may_replace_the_input()
    {
        using ComputePool pool = new(2);
        Case apart = new(9, 37, 16);
        apart.RunAll(pool);
        float[] shared = [.. apart.X];
        new Case(9, 37, 16) { X = shared, Y = shared }.RunAll(pool);
        OperationData.AssertSameBits(apart.Y, shared);
    }

    [Fact]
    public void Not_a_number_stays_in_its_channel()
    {
        using ComputePool pool = new(1);
        Case it = new(4, 20, 16);
        it.X[23] = float.NaN;
        it.Dt[24] = float.PositiveInfinity;
        it.Run(InstructionSets.Level, pool, 0, 4);
        for (int i = 0; i < it.Y.Length; i++)
        {
            Assert.True(float.IsFinite(it.Y[i]) || i % 20 is 3 or 4);
        }

        Assert.True(float.IsNaN(it.Y[23]));
    }

    [Fact]
    public void Wrong_shapes_are_refused_by_name()
    {
        AssertRefused("x", new(3, 5, 7) { X = new float[14] });
        AssertRefused("dt", new(3, 5, 7) { Dt = new float[16] });
        AssertRefused("a", new(3, 5, 7) { A = new float[5] });
        AssertRefused("b", new(3, 5, 7) { B = new float[20] });
        AssertRefused("c", new(3, 5, 7) { C = new float[22] });
        AssertRefused("d", new(3, 5, 7) { D = new float[4] });
        AssertRefused("state", new(3, 5, 7) { State = new float[34] });
        AssertRefused("y", new(3, 5, 7) { Y = new float[14] });
        AssertRefused("inner", new(3, 0, 7));
        AssertRefused("states", new(3, 5, 0));
    }

    private static IEnumerable<(int Rows, int Inner, int States)> Shapes()
    {
        for (int size = 1; size <= 40; size++)
        {
            yield return (4, size, 41 - size);
        }

        yield return (5, 300, 16);
        yield return (2, 3, 1000);
    }

    private static void AssertRefused(string name, Case it)
    {
        using ComputePool pool = new(1);
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => it.RunAll(pool)).ParamName);
    }

    private sealed class Case(int rows, int inner, int states, bool hasD = true)
    {
        public float[] X { get; init; } = OperationData.Random(1, rows * inner);

        public float[] Dt { get; init; } = OperationData.Random(2, rows * inner, 3f);

        public float[] A { get; init; } = [.. OperationData.Random(3, inner * states).Select(value => -MathF.Abs(value) - 0.01f)];

        public float[] B { get; init; } = OperationData.Random(4, rows * states);

        public float[] C { get; init; } = OperationData.Random(5, rows * states);

        public float[] D { get; init; } = hasD ? OperationData.Random(6, inner) : [];

        public float[] State { get; init; } = OperationData.Random(7, inner * states);

        public float[] Y { get; init; } = new float[rows * inner];

        public void RunAll(ComputePool pool) => SelectiveScanOp.Run(pool, X, Dt, A, B, C, D, State, Y, rows, inner, states);

        public void Run(InstructionSetLevel level, ComputePool pool, int start, int end) =>
            SelectiveScanOp.Run(
                level,
                pool,
                X.AsSpan(start * inner, (end - start) * inner),
                Dt.AsSpan(start * inner, (end - start) * inner),
                A,
                B.AsSpan(start * states, (end - start) * states),
                C.AsSpan(start * states, (end - start) * states),
                D,
                State,
                Y.AsSpan(start * inner, (end - start) * inner),
                end - start,
                inner,
                states);
    }
}
