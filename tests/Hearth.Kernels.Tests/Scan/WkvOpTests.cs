using Hearth.Kernels.Scan;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Scan;

/// <summary>The recurrences of RWKV-6 and RWKV-7.</summary>
public sealed class WkvOpTests
{
    /// <summary>Which recurrence: RWKV-6, RWKV-6 without a bonus (gated linear attention), or RWKV-7.</summary>
    public enum Recurrence
    {
        Six,
        Linear,
        Seven,
    }

    public static TheoryData<string, Recurrence> LevelsAndRecurrences =>
        [.. OperationData.AllLevels.SelectMany(_ => Enum.GetValues<Recurrence>(), (level, kind) => (level.ToString(), kind))];

    public static TheoryData<Recurrence> Recurrences => [.. Enum.GetValues<Recurrence>()];

    [Theory]
    [MemberData(nameof(LevelsAndRecurrences))]
    public void Has_the_bits_of_its_scalar_twin_for_any_threads_and_any_split_of_the_rows(string level, Recurrence kind)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        foreach (int size in Enumerable.Range(1, 40).Append(64))
        {
            Case expected = new(kind, 5, 3, size);
            expected.Run(InstructionSetLevel.Scalar, one, 0, 5);
            foreach (ComputePool pool in new[] { one, three })
            {
                foreach (int step in new[] { 1, 3, 5 })
                {
                    Case actual = new(kind, 5, 3, size);
                    for (int start = 0; start < 5; start += step)
                    {
                        actual.Run(OperationData.Parse(level), pool, start, Math.Min(5, start + step));
                    }

                    OperationData.AssertSameBits(expected.Y, actual.Y);
                    OperationData.AssertSameBits(expected.State, actual.State);
                }
            }
        }
    }

    [Theory]
    [InlineData(Recurrence.Six, 21)]
    [InlineData(Recurrence.Linear, 32)]
    [InlineData(Recurrence.Seven, 21)]
    [InlineData(Recurrence.Seven, 32)]
    public void Is_the_formula(Recurrence kind, int size)
    {
        using ComputePool pool = new(2);
        Case it = new(kind, 12, 3, size);
        double[] state = [.. it.State.Select(value => (double)value)];
        double[] expected = new double[it.Y.Length];
        for (int at = 0; at < 12 * 3 * size; at += size)
        {
            int head = at / size % 3;
            for (int j = 0; j < size; j++)
            {
                double removed = 0;
                for (int i = 0; i < size && kind == Recurrence.Seven; i++)
                {
                    removed += state[(((head * size) + j) * size) + i] * it.A[at + i];
                }

                for (int i = 0; i < size; i++)
                {
                    ref double s = ref state[(head * size * size) + (kind == Recurrence.Seven ? (j * size) + i : (i * size) + j)];
                    double written = (double)it.K[at + i] * it.V[at + j];
                    double seen = kind == Recurrence.Six ? s + (it.Bonus[(head * size) + i] * written) : 0;
                    s = (s * it.W[at + i]) + written + (kind == Recurrence.Seven ? removed * it.B[at + i] : 0);
                    expected[at + j] += it.R[at + i] * (kind == Recurrence.Six ? seen : s) * (kind == Recurrence.Seven ? 1 : 0.25);
                }
            }
        }

        it.Run(InstructionSets.Level, pool, 0, 12);
        OperationData.AssertClose(expected, it.Y, 1e-6, 5e-6);
        OperationData.AssertClose(state, it.State, 1e-6, 3e-6);
    }

    [Theory]
    [MemberData(nameof(Recurrences))]
    public void The_output_may_replace_the_values(Recurrence kind)
    {
        using ComputePool pool = new(2);
        Case apart = new(kind, 9, 3, 35);
        apart.RunAll(pool);
        float[] shared = [.. apart.V];
        new Case(kind, 9, 3, 35) { V = shared, Y = shared }.RunAll(pool);
        OperationData.AssertSameBits(apart.Y, shared);
    }

    [Theory]
    [MemberData(nameof(Recurrences))]
    public void Not_a_number_stays_in_its_head(Recurrence kind)
    {
        using ComputePool pool = new(1);
        Case it = new(kind, 4, 3, 20);
        it.V[25] = float.NaN;
        it.K[26] = float.PositiveInfinity;
        it.Run(InstructionSets.Level, pool, 0, 4);
        for (int i = 0; i < it.Y.Length; i++)
        {
            Assert.True(float.IsFinite(it.Y[i]) || i % 60 / 20 == 1);
        }

        Assert.True(float.IsNaN(it.Y[25]));
    }

    [Fact]
    public void Wrong_shapes_are_refused_by_name()
    {
        foreach (Recurrence kind in Enum.GetValues<Recurrence>())
        {
            AssertRefused("r", new(kind, 3, 2, 5) { R = new float[29] });
            AssertRefused("k", new(kind, 3, 2, 5) { K = new float[29] });
            AssertRefused("v", new(kind, 3, 2, 5) { V = new float[29] });
            AssertRefused("w", new(kind, 3, 2, 5) { W = new float[29] });
            AssertRefused("state", new(kind, 3, 2, 5) { State = new float[51] });
            AssertRefused("y", new(kind, 3, 2, 5) { Y = new float[31] });
            AssertRefused("heads", new(kind, 3, 0, 5));
            AssertRefused("size", new(kind, 3, 2, 0));
            float[] shared = new float[30];
            AssertRefused("y", new(kind, 3, 2, 5) { R = shared, Y = shared });
            AssertRefused("y", new(kind, 3, 2, 5) { K = shared, Y = shared });
            AssertRefused("y", new(kind, 3, 2, 5) { W = shared, Y = shared });
        }

        AssertRefused("bonus", new(Recurrence.Six, 3, 2, 5) { Bonus = new float[9] });
        AssertRefused("a", new(Recurrence.Seven, 3, 2, 5) { A = new float[31] });
        AssertRefused("b", new(Recurrence.Seven, 3, 2, 5) { B = new float[31] });
    }

    private static void AssertRefused(string name, Case it)
    {
        using ComputePool pool = new(1);
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => it.RunAll(pool)).ParamName);
    }

    private sealed class Case(Recurrence kind, int rows, int heads, int size)
    {
        public float[] R { get; init; } = OperationData.Random(1, rows * heads * size);

        public float[] K { get; init; } = OperationData.Random(2, rows * heads * size);

        public float[] V { get; init; } = OperationData.Random(3, rows * heads * size);

        public float[] W { get; init; } = [.. OperationData.Random(4, rows * heads * size).Select(value => MathF.Exp(-MathF.Abs(value)))];

        public float[] A { get; init; } = OperationData.Random(5, rows * heads * size, 0.2f);

        public float[] B { get; init; } = OperationData.Random(6, rows * heads * size, 0.2f);

        public float[] Bonus { get; init; } = kind == Recurrence.Six ? OperationData.Random(7, heads * size) : [];

        public float[] State { get; init; } = OperationData.Random(8, heads * size * size);

        public float[] Y { get; init; } = new float[rows * heads * size];

        public void RunAll(ComputePool pool)
        {
            if (kind == Recurrence.Seven)
            {
                Wkv7Op.Run(pool, R, W, K, V, A, B, State, Y, rows, heads, size);
            }
            else
            {
                Wkv6Op.Run(pool, R, K, V, W, Bonus, 0.25f, State, Y, rows, heads, size);
            }
        }

        public void Run(InstructionSetLevel level, ComputePool pool, int start, int end)
        {
            Range part = (start * heads * size)..(end * heads * size);
            ReadOnlySpan<float> r = R.AsSpan(part), k = K.AsSpan(part), v = V.AsSpan(part), w = W.AsSpan(part);
            if (kind == Recurrence.Seven)
            {
                Wkv7Op.Run(level, pool, r, w, k, v, A.AsSpan(part), B.AsSpan(part), State, Y.AsSpan(part), end - start, heads, size);
            }
            else
            {
                Wkv6Op.Run(level, pool, r, k, v, w, Bonus, 0.25f, State, Y.AsSpan(part), end - start, heads, size);
            }
        }
    }
}
