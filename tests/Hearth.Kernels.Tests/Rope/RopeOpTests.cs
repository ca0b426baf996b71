using Hearth.Kernels.Rope;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Rope;

public sealed class RopeOpTests
{
    public static TheoryData<string> Levels => OperationData.Levels;

    [Theory]
    [MemberData(nameof(Levels))]
    public void Has_the_bits_of_its_scalar_twin_for_any_threads(string level)
    {
        using ComputePool one = new(1);
        using ComputePool three = new(3);
        foreach (RopePairing pairing in Enum.GetValues<RopePairing>())
        {
            foreach ((int headSize, int pairs) in new[] { (64, 32), (80, 40), (96, 24), (128, 64), (7, 3), (33, 16), (64, 1) })
            {
                const int Tokens = 5;
                const int Heads = 30;
                float[] x = OperationData.Random(headSize, Tokens * Heads * headSize);
                (float[] cosines, float[] sines) = Angles(Tokens, pairs);
                float[] expected = [.. x];
                RopeOp.Reference(expected, Heads, headSize, cosines, sines, pairs, pairing);
                foreach (ComputePool pool in new[] { one, three })
                {
                    float[] y = [.. x];
                    RopeOp.Run(OperationData.Parse(level), pool, y, Tokens, Heads, headSize, cosines, sines, pairs, pairing);
                    OperationData.AssertSameBits(expected, y);
                }
            }
        }
    }

    [Theory]
    [InlineData(RopePairing.Adjacent)]
    [InlineData(RopePairing.Split)]
    public void Is_a_rotation_and_leaves_the_rest(RopePairing pairing)
    {
        using ComputePool pool = new(1);
        float[] x = OperationData.Random(1, 2 * 3 * 50);
        (float[] cosines, float[] sines) = Angles(2, 20);
        double[] expected = [.. x.Select(value => (double)value)];
        for (int head = 0; head < 6; head++)
        {
            for (int i = 0; i < 20; i++)
            {
                (int a, int b) = pairing == RopePairing.Adjacent ? (2 * i, (2 * i) + 1) : (i, i + 20);
                (double cosine, double sine) = (cosines[(head / 3 * 20) + i], sines[(head / 3 * 20) + i]);
                expected[(head * 50) + a] = (x[(head * 50) + a] * cosine) - (x[(head * 50) + b] * sine);
                expected[(head * 50) + b] = (x[(head * 50) + b] * cosine) + (x[(head * 50) + a] * sine);
            }
        }

        RopeOp.Run(pool, x, 2, 3, 50, cosines, sines, 20, pairing);
        OperationData.AssertClose(expected, x, 2e-7, 1e-7);
    }

    [Fact]
    public void Wrong_shapes_are_refused_by_name()
    {
        using ComputePool pool = new(1);
        Assert.Equal("x", Refused(new float[63], new float[16], new float[16], 16));
        Assert.Equal("cosines", Refused(new float[64], new float[15], new float[16], 16));
        Assert.Equal("sines", Refused(new float[64], new float[16], new float[17], 16));
        Assert.Equal("pairs", Refused(new float[64], new float[33], new float[33], 33));

        string? Refused(float[] x, float[] cosines, float[] sines, int pairs) =>
            Assert.ThrowsAny<ArgumentException>(() => RopeOp.Run(pool, x, 1, 1, 64, cosines, sines, pairs, RopePairing.Split)).ParamName;
    }

    private static (float[] Cosines, float[] Sines) Angles(int tokens, int pairs)
    {
        double[] angles =
            [.. Enumerable.Range(0, tokens * pairs).Select(i => i / pairs * 37 * Math.Pow(10000, -(double)(i % pairs) / pairs))];
        return (Array.ConvertAll(angles, angle => (float)Math.Cos(angle)), Array.ConvertAll(angles, angle => (float)Math.Sin(angle)));
    }
}
