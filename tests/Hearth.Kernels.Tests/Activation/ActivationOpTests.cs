using Hearth.Kernels.Activation;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Activation;

public sealed class ActivationOpTests
{
    private static readonly float[] s_edges =
    [
        0f, -0f, 1e-30f, -1e-30f, 1e-6f, -1e-6f, 20f, -20f, 87f, -87f, 88.1f, -88.1f, 500f, -500f, 1e20f, -1e20f, float.MaxValue,
        float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    public static TheoryData<string, ActivationKind> LevelsAndKinds =>
        [.. OperationData.AllLevels.SelectMany(_ => Enum.GetValues<ActivationKind>(), (level, kind) => (level.ToString(), kind))];

    public static TheoryData<ActivationKind> Kinds => [.. Enum.GetValues<ActivationKind>()];

    [Theory]
    [MemberData(nameof(LevelsAndKinds))]
    public void Has_the_bits_of_its_scalar_twin(string level, ActivationKind kind)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        float[] all = [.. s_edges[..^1], .. OperationData.Random(1, 20_011, 12f)];
        foreach (int count in Enumerable.Range(0, 41).Append(all.Length))
        {
            float[] x = all[..count];
            float[] up = OperationData.Random(2, count);
            float[] expected = new float[count];
            float[] expectedGated = new float[count];
            ActivationFunctions.Run(InstructionSetLevel.Scalar, one, kind, x, expected);
            ActivationFunctions.RunGated(InstructionSetLevel.Scalar, one, kind, x, up, expectedGated);
            foreach (ComputePool pool in new[] { one, three })
            {
                float[] y = new float[count];
                ActivationFunctions.Run(OperationData.Parse(level), pool, kind, x, y);
                OperationData.AssertSameBits(expected, y);
                ActivationFunctions.RunGated(OperationData.Parse(level), pool, kind, x, up, y);
                OperationData.AssertSameBits(expectedGated, y);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Is_the_formula_also_as_a_gate_and_in_place(ActivationKind kind)
    {
        using ComputePool pool = new(2);
        float[] x = OperationData.Random(3, 20_000, 8f);
        float[] up = OperationData.Random(4, x.Length);
        double[] expected = [.. x.Select(value => Exact(kind, value))];
        float[] y = new float[x.Length];
        ActivationOp.Run(pool, kind, x, y, y.Length);
        if (kind is ActivationKind.Gelu or ActivationKind.GeluQuick)
        {
            AssertRoundedToHalf(kind, x, y);
        }
        else
        {
            OperationData.AssertClose(expected, y, 6e-7, kind == ActivationKind.GeluErf ? 1e-8 : 1e-30);
        }

        float[] gated = [.. x];
        GatedActivationOp.Run(pool, kind, gated, up, gated, gated.Length);
        OperationData.AssertSameBits([.. y.Zip(up, (a, b) => a * b)], gated);
        ActivationOp.Run(pool, kind, x, x, x.Length);
        OperationData.AssertSameBits(y, x);
    }

    [Theory]
    [MemberData(nameof(LevelsAndKinds))]
    public void Takes_every_number_and_is_finite_for_every_finite_one(string level, ActivationKind kind)
    {
        using ComputePool pool = new(1);
        float[] y = new float[s_edges.Length];
        ActivationFunctions.Run(OperationData.Parse(level), pool, kind, s_edges, y);
        for (int i = 0; i < y.Length; i++)
        {
            bool grows = kind == ActivationKind.ReluSquared && s_edges[i] > 1e19f;
            Assert.True(float.IsFinite(y[i]) || grows || !float.IsFinite(s_edges[i]), $"{s_edges[i]} gives {y[i]}.");
        }
    }

    [Fact]
    public void Wrong_lengths_and_kinds_are_refused_by_name()
    {
        using ComputePool pool = new(1);
        AssertRefused<ArgumentException>("x", () => ActivationOp.Run(pool, ActivationKind.Silu, new float[4], new float[5], 5));
        AssertRefused<ArgumentException>("y", () => ActivationOp.Run(pool, ActivationKind.Silu, new float[5], new float[4], 5));
        AssertRefused<ArgumentOutOfRangeException>("kind", () => ActivationOp.Run(pool, (ActivationKind)99, new float[5], new float[5], 5));
        AssertRefused<ArgumentException>(
            "gate", () => GatedActivationOp.Run(pool, ActivationKind.Silu, new float[4], new float[5], new float[5], 5));
        AssertRefused<ArgumentException>(
            "up", () => GatedActivationOp.Run(pool, ActivationKind.Silu, new float[5], new float[4], new float[5], 5));
        AssertRefused<ArgumentException>(
            "y", () => GatedActivationOp.Run(pool, ActivationKind.Silu, new float[5], new float[5], new float[6], 5));
    }

    // A result between two halves may go either way when the exact one is close to the middle.
    private static void AssertRoundedToHalf(ActivationKind kind, float[] x, float[] y)
    {
        int equal = 0;
        for (int i = 0; i < x.Length; i++)
        {
            float expected = x[i] >= 10 && kind == ActivationKind.Gelu ? x[i] : (float)(Half)Exact(kind, (double)(Half)x[i]);
            Assert.True(Math.Abs(y[i] - expected) <= Math.Max(1e-3f * Math.Abs(expected), 6e-8f), $"{x[i]} gives {y[i]}, not {expected}.");
            equal += y[i] == expected ? 1 : 0;
        }

        Assert.True(equal >= 0.998 * x.Length, $"Only {equal} of {x.Length} are the nearest half.");
    }

    private static void AssertRefused<TException>(string name, Action action)
        where TException : ArgumentException =>
        Assert.Equal(name, Assert.Throws<TException>(action).ParamName);

    private static double Exact(ActivationKind kind, double x) => kind switch
    {
        ActivationKind.Silu => x / (1 + Math.Exp(-x)),
        ActivationKind.Gelu => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        ActivationKind.GeluErf => x / 2 * (1 + Erf(x / Math.Sqrt(2))),
        ActivationKind.GeluQuick => x / (1 + Math.Exp(-1.702 * x)),
        ActivationKind.Relu => Math.Max(x, 0),
        ActivationKind.ReluSquared => Math.Max(x, 0) * Math.Max(x, 0),
        ActivationKind.Sigmoid => 1 / (1 + Math.Exp(-x)),
        ActivationKind.Tanh => Math.Tanh(x),
        ActivationKind.Softplus => x > -20 ? Math.Log(1 + Math.Exp(x)) : Math.Exp(x),
        ActivationKind.Exponential => Math.Exp(x),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>2 / sqrt(pi) e^(-z^2) times the sum of 2^n z^(2n+1) / (2n+1)!!, whose terms have one sign.</summary>
    private static double Erf(double z)
    {
        double term = z;
        double sum = z;
        for (int n = 1; n < 500; n++)
        {
            term *= 2 * z * z / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-z * z) * sum;
    }
}
