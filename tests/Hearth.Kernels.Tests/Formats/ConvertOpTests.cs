using System.Runtime.InteropServices;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Formats;

public sealed class ConvertOpTests : IDisposable
{
    private const int Elements = 20_480 - 256;
    private readonly ComputePool _pool = new(3);

    public static TheoryData<TensorType, TensorType> Conversions => new()
    {
        { TensorType.F32, TensorType.F16 },
        { TensorType.F16, TensorType.F32 },
        { TensorType.F16, TensorType.Q4_K },
        { TensorType.BF16, TensorType.Q8_0 },
        { TensorType.Q8_0, TensorType.BF16 },
        { TensorType.IQ2_XXS, TensorType.Q4_0 },
        { TensorType.Q6_K, TensorType.Q6_K },
    };

    public void Dispose() => _pool.Dispose();

    [Theory]
    [MemberData(nameof(Conversions))]
    public void Run_IsDecodeAndEncode(TensorType from, TensorType to)
    {
        byte[] source = Blocks(from);
        float[] values = new float[Elements];
        BlockCodec.Decode(from, source, values);
        byte[] expected = new byte[TensorTypes.ByteSize(to, Elements)];
        BlockCodec.Encode(InstructionSetLevel.Scalar, to, values, expected);

        Assert.All(InstructionSets.Supported, level =>
        {
            byte[] actual = new byte[expected.Length];
            Assert.Equal(-1, ConvertOp.Run(level, _pool, from, source, to, actual));
            Assert.Equal(expected, actual);
        });
    }

    [Theory]
    [InlineData(TensorType.Q4_0, float.NaN)]
    [InlineData(TensorType.Q8_0, float.NegativeInfinity)]
    [InlineData(TensorType.F16, 65520f)]
    [InlineData(TensorType.F16, -1e9f)]
    [InlineData(TensorType.BF16, float.MaxValue)]
    [InlineData(TensorType.BF16, float.NaN)]
    public void Run_SaysWhereAValueCannotBeHeld(TensorType to, float value)
    {
        byte[] destination = new byte[TensorTypes.ByteSize(to, Elements)];
        foreach (int index in (int[])[0, 4095, 4096, 12_345, Elements - 1])
        {
            float[] values = new float[Elements];
            values[index] = value;
            values[^1] = value;
            Assert.Equal(index, ConvertOp.Run(_pool, TensorType.F32, MemoryMarshal.AsBytes(values.AsSpan()), to, destination));
        }
    }

    [Theory]
    [InlineData(65519.99f)]
    [InlineData(-65504f)]
    public void Run_HoldsWhatRoundsToTheLargestHalf(float value)
    {
        float[] values = [value];
        byte[] half = new byte[2];
        Assert.Equal(-1, ConvertOp.Run(_pool, TensorType.F32, MemoryMarshal.AsBytes(values.AsSpan()), TensorType.F16, half));
        Assert.Equal(MathF.Sign(value) * 65504f, (float)BitConverter.ToHalf(half));
    }

    [Fact]
    public void Run_RefusesWhatDoesNotFit()
    {
        byte[] source = Blocks(TensorType.F16);
        Assert.Throws<ArgumentException>("destination", () => ConvertOp.Run(_pool, TensorType.F16, source, TensorType.Q4_0, new byte[18]));
        Assert.Throws<ArgumentException>("source", () => ConvertOp.Run(_pool, TensorType.F16, source.AsSpan(1), TensorType.Q4_0, new byte[18]));
        Assert.Throws<ArgumentException>(() => ConvertOp.Run(_pool, TensorType.I32, source, TensorType.Q4_0, new byte[18]));
        Assert.Throws<NotSupportedException>(() => ConvertOp.Run(_pool, TensorType.F16, source, TensorType.IQ2_XXS, new byte[66]));
    }

    private static byte[] Blocks(TensorType type)
    {
        byte[] blocks = new byte[TensorTypes.ByteSize(type, Elements)];
        BlockSynthesizer.Fill(type, new Random(1), 0.02f, blocks);
        return blocks;
    }
}
