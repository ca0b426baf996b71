using Hearth.Kernels.Attention;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Attention;

/// <summary>What comes back from a storage: the attention of a row that sees one position is that position's value.</summary>
public sealed class KvElementsTests
{
    public static TheoryData<KvElementType> Types => [.. Enum.GetValues<KvElementType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Values_of_any_size_come_back_rounded(KvElementType type)
    {
        foreach (float size in new[] { 1e-3f, 1f, 300f })
        {
            foreach (int count in new[] { 1, 5, 16, 31, 32, 33, 64, 80, 100 })
            {
                float[] source = OperationData.Random(count, count, size);
                float[] expected = KvRounding.Rounded(source, count, type);
                foreach (InstructionSetLevel level in OperationData.AllLevels)
                {
                    Assert.Equal(expected, Return(type, level, source));
                }
            }
        }
    }

    [Fact]
    public void Every_upper_half_of_a_float_and_its_neighbourhood_rounds_to_nearest_even()
    {
        float[] values =
        [
            .. Enumerable.Range(1, 0x7F7F).Where(bits => bits >= 0x0100).Select(bits => BitConverter.Int32BitsToSingle(bits << 16))
                .SelectMany(value => new[] { value, MathF.BitIncrement(value), -MathF.BitDecrement(value) }),
        ];
        float[] middles = [.. Enumerable.Range(0x0100, 0x7000).Select(bits => BitConverter.Int32BitsToSingle((bits << 16) + 0x8000))];
        foreach (float[] source in new[] { values, middles, [.. middles.Select(value => -MathF.BitIncrement(value))] })
        {
            float[] expected = KvRounding.Rounded(source, source.Length, KvElementType.BF16);
            foreach (InstructionSetLevel level in OperationData.AllLevels)
            {
                Assert.Equal(expected, Return(KvElementType.BF16, level, source));
            }
        }
    }

    [Fact]
    public void Bytes_use_their_range_in_every_group()
    {
        float[] source = OperationData.Random(1, 96);
        source.AsSpan(32, 32).Clear();
        for (int i = 64; i < 96; i++)
        {
            source[i] *= 1e20f;
        }

        float[] output = Return(KvElementType.Q8_0, InstructionSets.Level, source);
        for (int group = 0; group < 3; group++)
        {
            float[] elements = source[(group * 32)..((group + 1) * 32)];
            float step = elements.Max(Math.Abs) / 127f;
            for (int i = 0; i < 32; i++)
            {
                Assert.InRange(output[(group * 32) + i], elements[i] - (0.51f * step), elements[i] + (0.51f * step));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Infinity_comes_back_finite_from_what_is_rounded(KvElementType type)
    {
        float[][] vectors = [[float.PositiveInfinity, 1f], [1f, float.NegativeInfinity], [float.MaxValue, -float.MaxValue], new float[40]];
        foreach (float[] vector in type == KvElementType.F32 ? vectors[2..] : vectors)
        {
            float[] expected = Return(type, InstructionSetLevel.Scalar, vector);
            Assert.All(expected, value => Assert.True(float.IsFinite(value)));
            foreach (InstructionSetLevel level in OperationData.AllLevels)
            {
                OperationData.AssertSameBits(expected, Return(type, level, vector));
            }
        }
    }

    [Fact]
    public void A_type_that_is_none_is_refused()
    {
        Action create = () => new KvStorage([new KvLayerShape(1, 1, 1)], 1, (KvElementType)9).Dispose();
        Assert.Equal("type", Assert.Throws<ArgumentOutOfRangeException>(create).ParamName);
    }

    /// <summary>Stores a value of one head at position 37 and attends to it alone.</summary>
    private static float[] Return(KvElementType type, InstructionSetLevel level, float[] value)
    {
        using ComputePool pool = new(1);
        using KvStorage storage = new([new KvLayerShape(1, 16, value.Length)], 2, type);
        KvStoreOp.Run(level, pool, storage, 0, new float[16], value, [37]);
        float[] output = new float[value.Length];
        AttentionArguments arguments = new()
        {
            Queries = new float[16],
            Output = output,
            Storage = storage,
            Heads = 1,
            BlockTables = new[] { 0, 1 },
            BlockTableStride = 2,
            RowSequences = new int[1],
            RowPositions = new[] { 37 },
            Window = 1,
            Scale = 1f,
        };
        AttentionOp.Run(level, pool, arguments);
        return output;
    }
}
