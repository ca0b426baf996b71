using System.Runtime.InteropServices;
using Hearth.Kernels.Formats;
using Hearth.Tests;

namespace Hearth.Kernels.Tests.Formats;

public sealed class BlockCodecTests
{
    public static TheoryData<TensorType> DecodableTypes => [.. BlockFormat.All.Select(format => format.Type).Order()];

    public static TheoryData<TensorType> QuantizedTypes =>
        [.. DecodableTypes.Select(row => row.Data).Where(type => type is not (TensorType.F32 or TensorType.F16 or TensorType.BF16))];

    [Theory]
    [MemberData(nameof(DecodableTypes))]
    public void BlockSizes_AreThoseOfTheTypeTable(TensorType type)
    {
        TensorTypeInfo info = TensorTypes.Get(type);
        BlockFormat format = BlockFormat.Get(type);
        Assert.Equal(info.BlockElements, format.BlockElements);
        Assert.Equal(info.BlockBytes, format.BlockBytes);
    }

    [Theory]
    [MemberData(nameof(QuantizedTypes))]
    public void Decode_GivesTheReferenceBits(TensorType type)
    {
        string name = GoldenName(type);
        byte[] blocks = File.ReadAllBytes(Golden.Path("quants", $"{name}.blocks"));
        float[] expected = Golden.Floats("quants", $"{name}.f32");
        var actual = new float[expected.Length];
        BlockCodec.Decode(type, blocks, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                expected[i] == actual[i],
                $"Element {i} is {actual[i]:R} (0x{BitConverter.SingleToUInt32Bits(actual[i]):X8}), the reference is {expected[i]:R}.");
        }
    }

    [Theory]
    [MemberData(nameof(DecodableTypes))]
    public void Decode_TakesAnyBytes(TensorType type)
    {
        const int Blocks = 300;
        TensorTypeInfo info = TensorTypes.Get(type);
        var blocks = new byte[Blocks * info.BlockBytes];
        var values = new float[Blocks * info.BlockElements];
        foreach (int fill in new[] { 0x00, 0xFF, 0x7F, 0x80, -1 })
        {
            if (fill < 0)
            {
                new Random(7).NextBytes(blocks);
            }
            else
            {
                Array.Fill(blocks, (byte)fill);
            }

            Array.Fill(values, 12345f);
            BlockCodec.Decode(type, blocks, values);
            Assert.DoesNotContain(12345f, values);
        }
    }

    [Theory]
    [MemberData(nameof(DecodableTypes))]
    public void Decode_WritesOnlyItsElements(TensorType type)
    {
        TensorTypeInfo info = TensorTypes.Get(type);
        var values = new float[(2 * info.BlockElements) + 2];
        Array.Fill(values, -7f);
        BlockCodec.Decode(type, new byte[2 * info.BlockBytes], values.AsSpan(1, 2 * info.BlockElements));
        Assert.Equal(-7f, values[0]);
        Assert.Equal(-7f, values[^1]);
    }

    [Theory]
    [MemberData(nameof(DecodableTypes))]
    public void Decode_RefusesWrongLengths(TensorType type)
    {
        TensorTypeInfo info = TensorTypes.Get(type);
        var blocks = new byte[3 * info.BlockBytes];
        ArgumentException part = Assert.Throws<ArgumentException>(
            () => BlockCodec.Decode(type, blocks.AsSpan(1), new float[3 * info.BlockElements]));
        Assert.Equal("blocks", part.ParamName);
        Assert.Contains(info.Name, part.Message);
        foreach (int elements in new[] { 0, (3 * info.BlockElements) - 1, (3 * info.BlockElements) + 1 })
        {
            ArgumentException wrong = Assert.Throws<ArgumentException>(() => BlockCodec.Decode(type, blocks, new float[elements]));
            Assert.Equal("destination", wrong.ParamName);
        }
    }

    [Fact]
    public void Decode_OfNothing_IsNothing() => BlockCodec.Decode(TensorType.Q4_K, [], []);

    [Theory]
    [InlineData(TensorType.I8)]
    [InlineData(TensorType.I16)]
    [InlineData(TensorType.I32)]
    [InlineData(TensorType.I64)]
    [InlineData(TensorType.F64)]
    [InlineData((TensorType)4)]
    public void TypesThatAreNotDecodedToFloats_AreRefusedByName(TensorType type)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => BlockCodec.Decode(type, new byte[64], new float[8]));
        Assert.Contains(type.ToString(), error.Message);
        Assert.Throws<ArgumentException>(() => BlockCodec.Encode(type, new float[8], new byte[64]));
        Assert.Throws<ArgumentException>(() => BlockCodec.CanEncode(type));
    }

    [Theory]
    [InlineData(0x0000, 0f)]
    [InlineData(0x8000, -0f)]
    [InlineData(0x0001, 5.9604645E-08f)]
    [InlineData(0x83FF, -6.097555E-05f)]
    [InlineData(0x3C00, 1f)]
    [InlineData(0xFBFF, -65504f)]
    [InlineData(0x7C00, float.PositiveInfinity)]
    [InlineData(0x7E00, float.NaN)]
    public void Scales_CoverTheWholeRangeOfHalves(int bits, float scale)
    {
        var block = new byte[34];
        MemoryMarshal.Write(block, (ushort)bits);
        block[2] = 3;
        block[3] = unchecked((byte)-128);
        var values = new float[32];
        BlockCodec.Decode(TensorType.Q8_0, block, values);
        Assert.Equal(3 * scale, values[0]);
        Assert.Equal(-128 * scale, values[1]);
    }

    [Fact]
    public void HalfTable_HoldsEveryHalf()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            Assert.Equal((float)BitConverter.UInt16BitsToHalf((ushort)bits), HalfTable.ToSingle((ushort)bits));
        }
    }

    [Fact]
    public void HalfTable_RoundsAsTheLibraryDoes()
    {
        var random = new Random(9);
        for (int i = 0; i < 2_000_000; i++)
        {
            // Exponents around those of halves; mantissas random, and near the middle between two halves.
            uint exponent = (uint)random.Next(98, 146);
            uint mantissa = (uint)random.Next(1 << 23);
            mantissa = (i % 4) switch
            {
                0 => mantissa,
                1 => mantissa & ~0x1FFFu | 0x1000,
                2 => mantissa & ~0x1FFFu | 0x1001,
                _ => mantissa & ~0x1FFFu | 0x0FFF,
            };
            float value = BitConverter.UInt32BitsToSingle(((uint)i & 1) << 31 | exponent << 23 | mantissa);
            Assert.Equal(BitConverter.HalfToUInt16Bits((Half)value), HalfTable.FromSingle(value));
        }

        foreach (float value in new[] { 0f, -0f, float.Epsilon, 65519.996f, 65520f, float.MaxValue, float.NegativeInfinity, float.NaN })
        {
            Assert.Equal((Half)value, BitConverter.UInt16BitsToHalf(HalfTable.FromSingle(value)));
        }
    }

    private static string GoldenName(TensorType type)
    {
        string name = type.ToString();
        return name.EndsWith("_K", StringComparison.Ordinal) ? $"q{name[1..]}" : name.ToLowerInvariant();
    }
}
