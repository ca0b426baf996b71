using Hearth.Kernels.Formats;

namespace Hearth.Kernels.Tests.Formats;

public sealed class BlockSynthesizerTests
{
    private const int Elements = 1 << 18;

    public static TheoryData<TensorType, float> TypesAndDeviations
    {
        get
        {
            var rows = new TheoryData<TensorType, float>();
            foreach (TensorType type in BlockFormat.All.Select(format => format.Type).Order())
            {
                rows.Add(type, 0.02f);
                rows.Add(type, 1f);
                rows.Add(type, 0.005f);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(TypesAndDeviations))]
    public void Fill_GivesTheWantedDeviationAndNoMean(TensorType type, float deviation)
    {
        float[] values = Decode(type, Synthesize(type, seed: 5, deviation));
        double sum = 0, squares = 0;
        foreach (float value in values)
        {
            sum += value;
            squares += (double)value * value;
        }

        double measured = Math.Sqrt(squares / values.Length);
        Assert.InRange(measured / deviation, 0.97, 1.03);
        Assert.InRange(sum / values.Length / deviation, -0.02, 0.02);
        Assert.True(values.Max(MathF.Abs) < 8 * deviation);
    }

    [Fact]
    public void Fill_RepeatsForTheSameSeed_AndDiffersForAnother()
    {
        byte[] first = Synthesize(TensorType.Q4_K, seed: 1, 0.02f);
        Assert.Equal(first, Synthesize(TensorType.Q4_K, seed: 1, 0.02f));
        Assert.NotEqual(first, Synthesize(TensorType.Q4_K, seed: 2, 0.02f));
    }

    [Fact]
    public void Fill_OfZeroDeviation_IsZero() =>
        Assert.All(Decode(TensorType.Q6_K, Synthesize(TensorType.Q6_K, seed: 1, 0)), value => Assert.Equal(0f, value));

    [Fact]
    public void Fill_KeepsTernaryCodesValid()
    {
        float[] values = Decode(TensorType.TQ2_0, Synthesize(TensorType.TQ2_0, seed: 3, 0.02f));
        foreach (float[] block in values.Chunk(256))
        {
            float scale = block.Max(MathF.Abs);
            Assert.All(block, value => Assert.True(value == 0 || MathF.Abs(value) == scale));
        }
    }

    [Fact]
    public void Fill_RefusesWrongArguments()
    {
        var random = new Random(1);
        Assert.Throws<ArgumentException>(() => BlockSynthesizer.Fill(TensorType.Q4_K, random, 0.02f, new byte[145]));
        Assert.Throws<ArgumentException>(() => BlockSynthesizer.Fill(TensorType.I32, random, 0.02f, new byte[144]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlockSynthesizer.Fill(TensorType.Q4_K, random, -1, new byte[144]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlockSynthesizer.Fill(TensorType.Q4_K, random, float.NaN, new byte[144]));
    }

    private static byte[] Synthesize(TensorType type, int seed, float deviation)
    {
        var blocks = new byte[TensorTypes.ByteSize(type, Elements)];
        BlockSynthesizer.Fill(type, new Random(seed), deviation, blocks);
        return blocks;
    }

    private static float[] Decode(TensorType type, byte[] blocks)
    {
        var values = new float[Elements];
        BlockCodec.Decode(type, blocks, values);
        return values;
    }
}
