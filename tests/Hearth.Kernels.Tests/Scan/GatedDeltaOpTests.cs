using Hearth.Kernels.Scan;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Scan;

public sealed class GatedDeltaOpTests
{
    public static TheoryData<string> Levels => OperationData.Levels;

    [Theory]
    [MemberData(nameof(Levels))]
    public void Has_the_bits_of_its_scalar_twin_for_any_threads_and_any_split_of_the_rows(string level)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        foreach ((int rows, GatedDeltaShape shape, bool perKey) in Shapes())
        {
            Case expected = new(rows, shape, perKey);
            expected.Run(InstructionSetLevel.Scalar, one, 0, rows);
            foreach (ComputePool pool in new[] { one, three })
            {
                foreach (int step in new[] { 1, 3, rows })
                {
                    Case actual = new(rows, shape, perKey);
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
    [InlineData(6, 16, KeyHeadOrder.Interleaved, false)]
    [InlineData(3, 19, KeyHeadOrder.Interleaved, false)]
    [InlineData(3, 32, KeyHeadOrder.Tiled, false)]
    [InlineData(2, 21, KeyHeadOrder.Tiled, true)]
    public void Is_the_formula(int keyHeads, int keySize, KeyHeadOrder order, bool perKey)
    {
        const int Rows = 30, Heads = 6, ValueSize = 5;
        using ComputePool pool = new(2);
        Case it = new(Rows, new GatedDeltaShape(Heads, keyHeads, keySize, ValueSize, order), perKey);
        double[] state = [.. it.State.Select(value => (double)value)];
        double[] expected = new double[it.Y.Length];
        for (int t = 0; t < Rows; t++)
        {
            for (int head = 0; head < Heads; head++)
            {
                int keyHead = order == KeyHeadOrder.Tiled ? head % keyHeads : head * keyHeads / Heads;
                int at = ((t * keyHeads) + keyHead) * keySize;
                int row = (t * Heads) + head;
                for (int j = 0; j < ValueSize; j++)
                {
                    Span<double> s = state.AsSpan(((head * ValueSize) + j) * keySize, keySize);
                    double predicted = 0;
                    for (int i = 0; i < keySize; i++)
                    {
                        s[i] *= Math.Exp(it.G[perKey ? (row * keySize) + i : row]);
                        predicted += s[i] * it.K[at + i];
                    }

                    double delta = it.Beta[row] * (it.V[(row * ValueSize) + j] - predicted);
                    for (int i = 0; i < keySize; i++)
                    {
                        s[i] += delta * it.K[at + i];
                        expected[(row * ValueSize) + j] += s[i] * it.Q[at + i] * 0.25;
                    }
                }
            }
        }

        it.Run(InstructionSets.Level, pool, 0, Rows);
        OperationData.AssertClose(expected, it.Y, 1e-6, 3e-6);
        OperationData.AssertClose(state, it.State, 1e-6, 3e-6);
    }

    [Fact]
    public void The_output_may_replace_the_values()
    {
        using ComputePool pool = new(2);
        GatedDeltaShape shape = new(4, 2, 32, 22, KeyHeadOrder.Interleaved);
        Case apart = new(9, shape);
        apart.RunAll(pool);
        float[] shared = [.. apart.V];
        new Case(9, shape) { V = shared, Y = shared }.RunAll(pool);
        OperationData.AssertSameBits(apart.Y, shared);
    }

    [Fact]
    public void Not_a_number_stays_in_its_head()
    {
        using ComputePool pool = new(1);
        Case it = new(4, new GatedDeltaShape(4, 4, 16, 5, KeyHeadOrder.Interleaved), perKey: false);
        it.V[6] = float.NaN;
        it.G[6] = float.PositiveInfinity;
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
        GatedDeltaShape shape = new(4, 2, 7, 5, KeyHeadOrder.Tiled);
        AssertRefused("q", new(3, shape) { Q = new float[41] });
        AssertRefused("k", new(3, shape) { K = new float[43] });
        AssertRefused("v", new(3, shape) { V = new float[59] });
        AssertRefused("g", new(3, shape) { G = new float[13] });
        AssertRefused("beta", new(3, shape) { Beta = new float[11] });
        AssertRefused("state", new(3, shape) { State = new float[139] });
        AssertRefused("y", new(3, shape) { Y = new float[61] });
        float[] shared = new float[60];
        AssertRefused("y", new(3, shape with { KeyHeads = 4, KeySize = 5 }) { Q = shared, Y = shared });
        AssertRefused("y", new(3, shape with { KeyHeads = 4, KeySize = 5 }) { K = shared, Y = shared });
        AssertRefused("shape", new(3, shape with { KeyHeads = 3 }));
        AssertRefused("shape.Heads", new(3, shape with { Heads = 0 }));
        AssertRefused("shape.KeyHeads", new(3, shape with { KeyHeads = 0 }));
        AssertRefused("shape.KeySize", new(3, shape with { KeySize = 0 }));
        AssertRefused("shape.KeySize", new(1, shape with { KeySize = GatedDeltaShape.MaxKeySize + 1 }));
        AssertRefused("shape.ValueSize", new(3, shape with { ValueSize = 0 }));
    }

    private static IEnumerable<(int Rows, GatedDeltaShape Shape, bool PerKey)> Shapes()
    {
        for (int size = 1; size <= 40; size++)
        {
            yield return (4, new GatedDeltaShape(6, 1 + (size % 3), size, 41 - size, (KeyHeadOrder)(size % 2)), size % 4 < 2);
        }

        yield return (5, new GatedDeltaShape(8, 4, 128, 128, KeyHeadOrder.Interleaved), false);
        yield return (1, new GatedDeltaShape(1, 1, GatedDeltaShape.MaxKeySize, 2, KeyHeadOrder.Tiled), true);
    }

    private static void AssertRefused(string name, Case it)
    {
        using ComputePool pool = new(1);
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => it.RunAll(pool)).ParamName);
    }

    private sealed class Case(int rows, GatedDeltaShape shape, bool perKey = false)
    {
        private readonly int _keys = shape.KeyHeads * shape.KeySize;
        private readonly int _values = shape.Heads * shape.ValueSize;
        private readonly int _decays = shape.Heads * (perKey ? shape.KeySize : 1);

        public float[] Q { get; init; } = Unit(1, rows * shape.KeyHeads, shape.KeySize);

        public float[] K { get; init; } = Unit(2, rows * shape.KeyHeads, shape.KeySize);

        public float[] V { get; init; } = OperationData.Random(3, rows * shape.Heads * shape.ValueSize);

        public float[] G { get; init; } =
            [.. OperationData.Random(4, rows * shape.Heads * (perKey ? shape.KeySize : 1)).Select(value => -MathF.Abs(value))];

        public float[] Beta { get; init; } = [.. OperationData.Random(5, rows * shape.Heads).Select(value => 0.5f + (value / 4))];

        public float[] State { get; init; } = OperationData.Random(6, shape.Heads * shape.ValueSize * shape.KeySize);

        public float[] Y { get; init; } = new float[rows * shape.Heads * shape.ValueSize];

        public void RunAll(ComputePool pool) => GatedDeltaOp.Run(pool, Q, K, V, G, Beta, 0.25f, State, Y, rows, shape);

        public void Run(InstructionSetLevel level, ComputePool pool, int start, int end)
        {
            int count = end - start;
            GatedDeltaOp.Run(
                level,
                pool,
                Q.AsSpan(start * _keys, count * _keys),
                K.AsSpan(start * _keys, count * _keys),
                V.AsSpan(start * _values, count * _values),
                G.AsSpan(start * _decays, count * _decays),
                Beta.AsSpan(start * shape.Heads, count * shape.Heads),
                0.25f,
                State,
                Y.AsSpan(start * _values, count * _values),
                count,
                shape);
        }

        private static float[] Unit(int seed, int rows, int columns)
        {
            float[] values = OperationData.Random(seed, rows * columns);
            for (int start = 0; start < values.Length; start += columns)
            {
                float length = MathF.Sqrt(values.Skip(start).Take(columns).Sum(value => value * value));
                for (int i = 0; i < columns; i++)
                {
                    values[start + i] /= length;
                }
            }

            return values;
        }
    }
}
