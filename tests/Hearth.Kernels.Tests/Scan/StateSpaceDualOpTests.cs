using Hearth.Kernels.Scan;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Scan;

public sealed class StateSpaceDualOpTests
{
    public static TheoryData<string> Levels => OperationData.Levels;

    [Theory]
    [MemberData(nameof(Levels))]
    public void Has_the_bits_of_its_scalar_twin_for_any_threads_and_any_split_of_the_rows(string level)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        foreach ((int rows, StateSpaceDualShape shape) in Shapes())
        {
            Case expected = new(rows, shape);
            expected.Run(InstructionSetLevel.Scalar, one, 0, rows);
            foreach (ComputePool pool in new[] { one, three })
            {
                foreach (int step in new[] { 1, 3, rows })
                {
                    Case actual = new(rows, shape);
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
    [InlineData(1, 16, true)]
    [InlineData(2, 19, false)]
    [InlineData(6, 32, true)]
    public void Is_the_formula(int groups, int states, bool hasD)
    {
        const int Rows = 30, Heads = 6, HeadSize = 5;
        using ComputePool pool = new(2);
        Case it = new(Rows, new StateSpaceDualShape(Heads, HeadSize, groups, states), hasD);
        double[] h = [.. it.State.Select(value => (double)value)];
        double[] expected = new double[it.Y.Length];
        for (int t = 0; t < Rows; t++)
        {
            for (int channel = 0; channel < Heads * HeadSize; channel++)
            {
                int head = channel / HeadSize;
                int group = ((t * groups) + (head / (Heads / groups))) * states;
                double x = it.X[(t * Heads * HeadSize) + channel];
                double dt = Math.Log(1 + Math.Exp(it.Dt[(t * Heads) + head]));
                double sum = hasD ? it.D[head] * x : 0;
                for (int n = 0; n < states; n++)
                {
                    ref double value = ref h[(channel * states) + n];
                    value = (value * Math.Exp(dt * it.A[head])) + (it.B[group + n] * x * dt);
                    sum += value * it.C[group + n];
                }

                expected[(t * Heads * HeadSize) + channel] = sum;
            }
        }

        it.Run(InstructionSets.Level, pool, 0, Rows);
        OperationData.AssertClose(expected, it.Y, 1e-6, 3e-6);
        OperationData.AssertClose(h, it.State, 1e-6, 1e-6);
    }

    [Fact]
    public void The_output_may_replace_the_input()
    {
        using ComputePool pool = new(2);
        Case apart = new(9, new StateSpaceDualShape(4, 11, 2, 16));
        apart.RunAll(pool);
        float[] shared = [.. apart.X];
        new Case(9, new StateSpaceDualShape(4, 11, 2, 16)) { X = shared, Y = shared }.RunAll(pool);
        OperationData.AssertSameBits(apart.Y, shared);
    }

    [Fact]
    public void Not_a_number_stays_in_its_head()
    {
        using ComputePool pool = new(1);
        Case it = new(4, new StateSpaceDualShape(4, 5, 2, 16));
        it.X[6] = float.NaN;
        it.Dt[6] = float.PositiveInfinity;
        it.Run(InstructionSets.Level, pool, 0, 4);
        for (int i = 0; i < it.Y.Length; i++)
        {
            Assert.True(float.IsFinite(it.Y[i]) || i % 20 / 5 is 1 or 2);
        }

        Assert.True(float.IsNaN(it.Y[6]));
    }

    [Fact]
    public void Wrong_shapes_are_refused_by_name()
    {
        StateSpaceDualShape shape = new(4, 5, 2, 7);
        AssertRefused("x", new(3, shape) { X = new float[59] });
        AssertRefused("dt", new(3, shape) { Dt = new float[13] });
        AssertRefused("a", new(3, shape) { A = new float[5] });
        AssertRefused("b", new(3, shape) { B = new float[20] });
        AssertRefused("c", new(3, shape) { C = new float[22] });
        AssertRefused("d", new(3, shape) { D = new float[20] });
        AssertRefused("state", new(3, shape) { State = new float[34] });
        AssertRefused("y", new(3, shape) { Y = new float[14] });
        AssertRefused("shape", new(3, shape with { Groups = 3 }));
        AssertRefused("shape.Heads", new(3, shape with { Heads = 0 }));
        AssertRefused("shape.Groups", new(3, shape with { Groups = 0 }));
        AssertRefused("shape.States", new(3, shape with { States = 0 }));
        AssertRefused("shape.HeadSize", new(3, shape with { HeadSize = 0 }));
    }

    private static IEnumerable<(int Rows, StateSpaceDualShape Shape)> Shapes()
    {
        for (int size = 1; size <= 40; size++)
        {
            yield return (4, new StateSpaceDualShape(6, 1 + (size % 7), 1 + (size % 3), size));
        }

        yield return (5, new StateSpaceDualShape(8, 64, 2, 128));
    }

    private static void AssertRefused(string name, Case it)
    {
        using ComputePool pool = new(1);
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => it.RunAll(pool)).ParamName);
    }

    private sealed class Case(int rows, StateSpaceDualShape shape, bool hasD = true)
    {
        private readonly int _channels = shape.Heads * shape.HeadSize;
        private readonly int _columns = shape.Groups * shape.States;

        public float[] X { get; init; } = OperationData.Random(1, rows * shape.Heads * shape.HeadSize);

        public float[] Dt { get; init; } = OperationData.Random(2, rows * shape.Heads, 3f);

        public float[] A { get; init; } = [.. OperationData.Random(3, shape.Heads).Select(value => -MathF.Abs(value) - 0.01f)];

        public float[] B { get; init; } = OperationData.Random(4, rows * shape.Groups * shape.States);

        public float[] C { get; init; } = OperationData.Random(5, rows * shape.Groups * shape.States);

        public float[] D { get; init; } = hasD ? OperationData.Random(6, shape.Heads) : [];

        public float[] State { get; init; } = OperationData.Random(7, shape.Heads * shape.HeadSize * shape.States);

        public float[] Y { get; init; } = new float[rows * shape.Heads * shape.HeadSize];

        public void RunAll(ComputePool pool) => StateSpaceDualOp.Run(pool, X, Dt, A, B, C, D, State, Y, rows, shape);

        public void Run(InstructionSetLevel level, ComputePool pool, int start, int end) =>
            StateSpaceDualOp.Run(
                level,
                pool,
                X.AsSpan(start * _channels, (end - start) * _channels),
                Dt.AsSpan(start * shape.Heads, (end - start) * shape.Heads),
                A,
                B.AsSpan(start * _columns, (end - start) * _columns),
                C.AsSpan(start * _columns, (end - start) * _columns),
                D,
                State,
                Y.AsSpan(start * _channels, (end - start) * _channels),
                end - start,
                shape);
    }
}
