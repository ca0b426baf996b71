using Hearth.Kernels.Attention;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Tests.Attention;

public sealed class ScaledHalvesTests
{
    private const float LeastNormal = 6.103515625e-5f;

    [Fact]
    public void Every_normal_half_loads_exactly_scaled()
    {
        AssertLoads<Lanes512>();
        AssertLoads<Lanes256>();
        AssertLoads<Lanes128>();
    }

    [Fact]
    public void Every_half_and_its_neighbourhood_rounds_as_the_library_does()
    {
        List<float> values = [];
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            Half half = BitConverter.UInt16BitsToHalf((ushort)bits);
            Half next = BitConverter.UInt16BitsToHalf((ushort)(bits + 1));
            if (Half.IsFinite(half) && Half.IsFinite(next))
            {
                float value = (float)half;
                float middle = (value + (float)next) / 2;
                values.AddRange([value, MathF.BitIncrement(value), MathF.BitDecrement(value)]);
                values.AddRange([middle, MathF.BitIncrement(middle), MathF.BitDecrement(middle)]);
            }
        }

        // The largest element sets the scale: with one in [2^14, 2^15) it is 1.
        float[] source = [20000f, .. values.Where(value => Math.Abs(value) < 32768f)];
        ushort[] expected = Array.ConvertAll(
            source, value => BitConverter.HalfToUInt16Bits((Half)(Math.Abs(value) < LeastNormal ? MathF.CopySign(0f, value) : value)));
        foreach (InstructionSetLevel level in OperationData.AllLevels)
        {
            (float scale, ushort[] halves) = Encode(level, source);
            Assert.Equal(1f, scale);
            Assert.Equal(expected, halves);
        }
    }

    [Theory]
    [InlineData(1e-12f)]
    [InlineData(1e-3f)]
    [InlineData(1f)]
    [InlineData(1e9f)]
    public void Vectors_of_any_size_keep_eleven_bits(float size)
    {
        foreach (int count in new[] { 1, 5, 16, 64, 80, 100 })
        {
            float[] source = OperationData.Random(count, count, size);
            (float expectedScale, ushort[] expected) = Encode(InstructionSetLevel.Scalar, source);
            foreach (InstructionSetLevel level in OperationData.AllLevels)
            {
                (float scale, ushort[] halves) = Encode(level, source);
                Assert.Equal(expectedScale, scale);
                Assert.Equal(expected, halves);
            }

            double[] decoded = Array.ConvertAll(expected, bits => (double)(float)BitConverter.UInt16BitsToHalf(bits) * expectedScale);
            OperationData.AssertClose(decoded, source, 1.0 / 2048, size * 1e-8);
        }
    }

    [Fact]
    public void Zero_infinity_and_not_a_number_are_finite_halves()
    {
        float[][] vectors =
            [new float[20], [float.PositiveInfinity, 1f], [float.NegativeInfinity, 1f], [float.NaN, 1f], [float.MaxValue, -1f]];
        foreach (float[] vector in vectors)
        {
            foreach (InstructionSetLevel level in OperationData.AllLevels)
            {
                (float scale, ushort[] halves) = Encode(level, vector);
                Assert.True(float.IsNormal(scale));
                Assert.All(halves, bits => Assert.True(Half.IsFinite(BitConverter.UInt16BitsToHalf(bits))));
            }
        }
    }

    private static (float Scale, ushort[] Halves) Encode(InstructionSetLevel level, float[] source)
    {
        ushort[] halves = new ushort[source.Length];
        return (ScaledHalves.Encode(level, source, halves), halves);
    }

    private static void AssertLoads<TLanes>()
        where TLanes : struct, ILanes<TLanes>
    {
        ushort[] halves =
        [
            .. Enumerable.Range(0, 65536).Select(bits => (ushort)bits)
                .Where(bits => Half.IsNormal(BitConverter.UInt16BitsToHalf(bits)) || (bits & 0x7FFF) == 0), .. new ushort[30],
        ];
        float[] loaded = new float[halves.Length];
        ScaledHalves.Load<TLanes>(halves, loaded);
        OperationData.AssertSameBits(Array.ConvertAll(halves, ScaledHalves.Load), loaded);
        float[] values = Array.ConvertAll(loaded, value => value * ScaledHalves.LoadFactor);
        OperationData.AssertSameBits(Array.ConvertAll(halves, bits => (float)BitConverter.UInt16BitsToHalf(bits)), values);
    }
}
