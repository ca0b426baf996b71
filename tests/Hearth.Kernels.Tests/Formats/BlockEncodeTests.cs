using System.Runtime.InteropServices;
using Hearth.Kernels.Formats;
using Hearth.Tests;

namespace Hearth.Kernels.Tests.Formats;

public sealed class BlockEncodeTests
{
    private const int Elements = 1 << 16;

    // Arm64's vectors of 128 bits are portable code here: every machine can check them.
    private static readonly InstructionSetLevel[] s_levels = [.. InstructionSets.Supported.Append(InstructionSetLevel.Neon).Distinct()];
    private static readonly float[] s_gaussian = Gaussian(Elements, deviation: 0.02f, seed: 11);

    public static TheoryData<TensorType> EncodableTypes =>
        [.. BlockFormat.All.Where(format => format.CanEncode).Select(format => format.Type).Order()];

    /// <summary>NMSE of encoded and decoded gaussian values: what was measured, and at most 5 % more.</summary>
    public static TheoryData<TensorType, double> ErrorBounds => new()
    {
        { TensorType.F32, 0 },
        { TensorType.F16, 4.4e-8 },
        { TensorType.BF16, 2.9e-6 },
        { TensorType.Q1_0, 0.363 },
        { TensorType.Q2_0, 0.128 },
        { TensorType.Q4_0, 6.8e-3 },
        { TensorType.Q4_1, 5.05e-3 },
        { TensorType.Q5_0, 1.68e-3 },
        { TensorType.Q5_1, 1.18e-3 },
        { TensorType.Q8_0, 3.0e-5 },
        { TensorType.Q2_K, 0.0715 },
        { TensorType.Q3_K, 0.0213 },
        { TensorType.Q4_K, 5.1e-3 },
        { TensorType.Q5_K, 1.24e-3 },
        { TensorType.Q6_K, 2.9e-4 },
        { TensorType.IQ4_NL, 5.6e-3 },
        { TensorType.IQ4_XS, 5.7e-3 },
        { TensorType.TQ1_0, 0.68 },
        { TensorType.TQ2_0, 0.68 },
        { TensorType.MXFP4, 0.013 },
        { TensorType.NVFP4, 8.8e-3 },
    };

    public static TheoryData<TensorType> OtherTypes =>
        [.. BlockFormat.All.Where(format => !format.CanEncode).Select(format => format.Type).Order()];

    [Theory]
    [MemberData(nameof(ErrorBounds))]
    public void Encode_LosesLittleOfGaussianValues(TensorType type, double bound)
    {
        double error = Golden.NormalizedMeanSquaredError(RoundTrip(type, s_gaussian), s_gaussian);
        Assert.InRange(error, 0, bound);
    }

    [Fact]
    public void ErrorBounds_CoverEveryEncoder() =>
        Assert.Equal(EncodableTypes.Select(row => row.Data), ErrorBounds.Select(row => row.Data.Item1).Order());

    [Theory]
    [MemberData(nameof(EncodableTypes))]
    public void Encode_KeepsZeros(TensorType type) =>
        Assert.All(RoundTrip(type, new float[1024]), value => Assert.Equal(0f, value));

    [Theory]
    [MemberData(nameof(EncodableTypes))]
    public void Encode_OfDecodedBlocks_LosesLittle(TensorType type)
    {
        // What the format can hold is found again, or nearly: where the extreme codes do not occur, other scales are found.
        var blocks = new byte[TensorTypes.ByteSize(type, Elements)];
        BlockSynthesizer.Fill(type, new Random(3), 0.02f, blocks);
        var values = new float[Elements];
        BlockCodec.Decode(type, blocks, values);
        double error = Golden.NormalizedMeanSquaredError(RoundTrip(type, values), values);
        Assert.InRange(error, 0, 8e-4);
    }

    [Theory]
    [MemberData(nameof(EncodableTypes))]
    public void Encode_IsDeterministic(TensorType type)
    {
        var first = new byte[TensorTypes.ByteSize(type, 1024)];
        var second = new byte[first.Length];
        Array.Fill(second, (byte)0xAA);
        BlockCodec.Encode(type, s_gaussian.AsSpan(0, 1024), first);
        BlockCodec.Encode(type, s_gaussian.AsSpan(0, 1024), second);
        Assert.Equal(first, second);
    }

    [Theory]
    [MemberData(nameof(EncodableTypes))]
    public void Encode_GivesTheSameBytesAtEveryLevel(TensorType type)
    {
        // Bits of numbers that are finite, and not so large that sums of squares are not.
        var random = new Random(8);
        float[] any = [.. Enumerable.Range(0, 4096).Select(_ => BitConverter.Int32BitsToSingle((int)(random.Next() & 0x9FFF_FFFF)))];
        float[] tied = [.. Enumerable.Range(0, 1024).Select(i => ((i * 7 % 16) - 8) * 0.25f)];
        float[] flat = [.. Enumerable.Repeat(0.3f, 512), .. Enumerable.Repeat(-2e-7f, 512)];
        float[] offset = [.. s_gaussian.AsSpan(0, 1024).ToArray().Select(value => 3 + value)];
        float[] spiked = Gaussian(1024, deviation: 1, seed: 9);
        for (int i = 0; i < spiked.Length; i += 57)
        {
            spiked[i] *= 1000;
        }

        foreach (float[] values in (float[][])[s_gaussian, any, tied, flat, offset, spiked])
        {
            byte[] expected = new byte[TensorTypes.ByteSize(type, values.Length)];
            BlockCodec.Encode(InstructionSetLevel.Scalar, type, values, expected);
            foreach (InstructionSetLevel level in s_levels)
            {
                byte[] actual = new byte[expected.Length];
                BlockCodec.Encode(level, type, values, actual);
                Assert.True(expected.AsSpan().SequenceEqual(actual), $"{level}");
            }
        }
    }

    [Theory]
    [InlineData(TensorType.F16)]
    [InlineData(TensorType.BF16)]
    public void Encode_OfHalves_IsTheSameAtEveryLevelForAnyBits(TensorType type)
    {
        float[] special =
        [
            0f, -0f, float.Epsilon, 65504f, 65519.99f, 65520f, -1e30f, float.MaxValue, float.NaN, float.NegativeInfinity,
            float.PositiveInfinity,
            BitConverter.UInt32BitsToSingle(0xFFC0_0001), BitConverter.UInt32BitsToSingle(0x7F80_0001), 5.9604645e-8f, 2.9802322e-8f,
            2.9802326e-8f, 6.1035156e-5f, 6.1005353e-5f, 6.1020255e-5f,
        ];
        var bytes = new byte[1 << 18];
        new Random(7).NextBytes(bytes);
        float[] values = [.. MemoryMarshal.Cast<byte, float>(bytes), .. special, .. special.Select(value => -value)];
        byte[] expected = new byte[2 * values.Length];
        BlockCodec.Encode(InstructionSetLevel.Scalar, type, values, expected);
        Assert.All(s_levels, level =>
        {
            byte[] actual = new byte[expected.Length];
            BlockCodec.Encode(level, type, values, actual);
            Assert.Equal(expected, actual);
        });
    }

    [Theory]
    [MemberData(nameof(EncodableTypes))]
    public void Encode_TakesAnyFloats(TensorType type)
    {
        var bytes = new byte[Elements * sizeof(float)];
        new Random(5).NextBytes(bytes);
        float[] values = [.. MemoryMarshal.Cast<byte, float>(bytes)];
        float[] special =
            [0f, -0f, float.Epsilon, float.MaxValue, float.MinValue, float.NaN, float.PositiveInfinity, float.NegativeInfinity];
        BlockCodec.Encode(type, values, new byte[TensorTypes.ByteSize(type, Elements)]);
        foreach (float value in special)
        {
            var same = new float[1024];
            Array.Fill(same, value);
            BlockCodec.Encode(type, same, new byte[TensorTypes.ByteSize(type, 1024)]);
            same.AsSpan(1).Clear();
            BlockCodec.Encode(type, same, new byte[TensorTypes.ByteSize(type, 1024)]);
        }
    }

    [Theory]
    [MemberData(nameof(EncodableTypes))]
    public void Encode_OfLargeValues_StaysFinite(TensorType type) =>
        Assert.All(RoundTrip(type, Gaussian(1024, deviation: 4000, seed: 2)), value => Assert.True(float.IsFinite(value)));

    [Theory]
    [InlineData(TensorType.Q4_0, 1e-4f, 7.6e-3)]
    [InlineData(TensorType.Q8_0, 1e-4f, 4e-5)]
    [InlineData(TensorType.Q4_K, 1e-3f, 5.3e-3)]
    public void Encode_OfTinyValues_UsesScalesBelowTheNormalRange(TensorType type, float deviation, double bound)
    {
        float[] values = Gaussian(Elements, deviation, seed: 6);
        Assert.InRange(Golden.NormalizedMeanSquaredError(RoundTrip(type, values), values), 0, bound);
    }

    [Theory]
    [MemberData(nameof(EncodableTypes))]
    public void Encode_RefusesWrongLengths(TensorType type)
    {
        var blocks = new byte[TensorTypes.ByteSize(type, 1024)];
        var values = new float[1024];
        Assert.Throws<ArgumentException>("source", () => BlockCodec.Encode(type, values.AsSpan(1), blocks));
        Assert.Throws<ArgumentException>("blocks", () => BlockCodec.Encode(type, values, blocks.AsSpan(1)));
    }

    [Theory]
    [MemberData(nameof(OtherTypes))]
    public void Encode_OfOtherTypes_IsRefusedByName(TensorType type)
    {
        Assert.False(BlockCodec.CanEncode(type));
        var blocks = new byte[TensorTypes.ByteSize(type, 1024)];
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => BlockCodec.Encode(type, new float[1024], blocks));
        Assert.Contains(type.ToString(), error.Message);
    }

    [Fact]
    public void Encode_KeepsExactTernaryWeights()
    {
        var random = new Random(4);
        float[] values = [.. Enumerable.Range(0, 1024).Select(_ => (random.Next(3) - 1) * 0.25f)];
        Assert.Equal(values, RoundTrip(TensorType.TQ1_0, values));
        Assert.Equal(values, RoundTrip(TensorType.TQ2_0, values));
        Assert.Equal(values, RoundTrip(TensorType.Q2_0, values));
    }

    [Theory]
    [InlineData(1f, 0x3F80)]
    [InlineData(1.00390625f, 0x3F80)]
    [InlineData(1.01171875f, 0x3F82)]
    [InlineData(-3.4028235E+38f, 0xFF80)]
    [InlineData(float.NegativeInfinity, 0xFF80)]
    public void BF16_RoundsToTheNearestEven(float value, int bits)
    {
        var bytes = new byte[2];
        BlockCodec.Encode(TensorType.BF16, [value], bytes);
        Assert.Equal(bits, BitConverter.ToUInt16(bytes));
    }

    [Fact]
    public void BF16_KeepsNaN()
    {
        var bytes = new byte[2];
        BlockCodec.Encode(TensorType.BF16, [BitConverter.UInt32BitsToSingle(0x7F80_0001)], bytes);
        var decoded = new float[1];
        BlockCodec.Decode(TensorType.BF16, bytes, decoded);
        Assert.True(float.IsNaN(decoded[0]));
    }

    private static float[] RoundTrip(TensorType type, float[] values)
    {
        var blocks = new byte[TensorTypes.ByteSize(type, values.Length)];
        BlockCodec.Encode(type, values, blocks);
        var decoded = new float[values.Length];
        BlockCodec.Decode(type, blocks, decoded);
        return decoded;
    }

    private static float[] Gaussian(int count, float deviation, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = (float)(deviation * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return values;
    }
}
