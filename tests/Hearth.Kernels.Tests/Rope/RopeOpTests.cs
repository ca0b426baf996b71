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
            foreach ((int headSize, int pairs, int offset) in new[]
            {
                (64, 32, 0), (80, 40, 0), (96, 24, 0), (128, 64, 0), (7, 3, 0), (33, 16, 0), (64, 1, 0),
                (192, 32, 128), (96, 16, 64), (50, 20, 3), (7, 3, 1), (33, 16, 1), (64, 1, 62),
            })
            {
                const int Tokens = 5;
                const int Heads = 30;
                float[] x = OperationData.Random(headSize, Tokens * Heads * headSize);
                (float[] cosines, float[] sines) = Angles(Tokens, pairs);
                float[] expected = [.. x];
                RopeOp.Reference(expected, Heads, headSize, cosines, sines, pairs, pairing, offset);
                foreach (ComputePool pool in new[] { one, three })
                {
                    float[] y = [.. x];
                    RopeOp.Run(OperationData.Parse(level), pool, y, Tokens, Heads, headSize, cosines, sines, pairs, pairing, offset);
                    OperationData.AssertSameBits(expected, y);
                }
            }
        }
    }

    [Theory]
    [InlineData(RopePairing.Adjacent, 0)]
    [InlineData(RopePairing.Split, 0)]
    [InlineData(RopePairing.Adjacent, 7)]
    [InlineData(RopePairing.Split, 7)]
    [InlineData(RopePairing.Adjacent, 10)]
    [InlineData(RopePairing.Split, 10)]
    public void Is_a_rotation_and_leaves_the_rest(RopePairing pairing, int offset)
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
                (a, b) = ((head * 50) + offset + a, (head * 50) + offset + b);
                (double cosine, double sine) = (cosines[(head / 3 * 20) + i], sines[(head / 3 * 20) + i]);
                expected[a] = (x[a] * cosine) - (x[b] * sine);
                expected[b] = (x[b] * cosine) + (x[a] * sine);
            }
        }

        float[] before = [.. x];
        RopeOp.Run(pool, x, 2, 3, 50, cosines, sines, 20, pairing, offset);
        OperationData.AssertClose(expected, x, 2e-7, 1e-7);
        for (int i = 0; i < x.Length; i++)
        {
            Assert.True((i % 50 >= offset && i % 50 < offset + 40) || x[i] == before[i]);
        }
    }

    [Fact]
    public void Wrong_shapes_are_refused_by_name()
    {
        using ComputePool pool = new(1);
        Assert.Equal("x", Refused(new float[63], new float[16], new float[16], 16));
        Assert.Equal("cosines", Refused(new float[64], new float[15], new float[16], 16));
        Assert.Equal("sines", Refused(new float[64], new float[16], new float[17], 16));
        Assert.Equal("pairs", Refused(new float[64], new float[33], new float[33], 33));

        Assert.Equal("offset", Refused(new float[64], new float[16], new float[16], 16, 33));
        Assert.Equal("offset", Refused(new float[64], new float[32], new float[32], 32, 1));
        Assert.Equal("offset", Refused(new float[64], new float[16], new float[16], 16, -1));
        Assert.Equal("offset", Refused(new float[64], new float[16], new float[16], 16, int.MaxValue));

        string? Refused(float[] x, float[] cosines, float[] sines, int pairs, int offset = 0) =>
            Assert.ThrowsAny<ArgumentException>(
                () => RopeOp.Run(pool, x, 1, 1, 64, cosines, sines, pairs, RopePairing.Split, offset)).ParamName;
    }

    private static (float[] Cosines, float[] Sines) Angles(int tokens, int pairs)
    {
        double[] angles =
            [.. Enumerable.Range(0, tokens * pairs).Select(i => i / pairs * 37 * Math.Pow(10000, -(double)(i % pairs) / pairs))];
        return (Array.ConvertAll(angles, angle => (float)Math.Cos(angle)), Array.ConvertAll(angles, angle => (float)Math.Sin(angle)));
    }
}
