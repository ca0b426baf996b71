using Hearth.Kernels.Attention;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Tests.Attention;

public sealed class HalfConversionTests
{
    [Fact]
    public void Every_finite_half_loads_exactly_scaled()
    {
        AssertLoads<Lanes512>();
        AssertLoads<Lanes256>();
        AssertLoads<Lanes128>();
    }

    [Fact]
    public void Every_half_and_its_neighbourhood_rounds_as_the_library_does()
    {
        List<float> values = [float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, 65519.996f, 65520f, 65536f, -70000f];
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            Half half = BitConverter.UInt16BitsToHalf((ushort)bits);
            Half next = BitConverter.UInt16BitsToHalf((ushort)(bits + 1));
            if (!Half.IsFinite(half))
            {
                continue;
            }

            float value = (float)half;
            float middle = Half.IsFinite(next) ? (value + (float)next) / 2 : value;
            values.AddRange([value, middle, MathF.BitIncrement(middle), MathF.BitDecrement(middle), MathF.BitIncrement(value), MathF.BitDecrement(value)]);
        }

        Random random = new(1);
        for (int i = 0; i < 400_000; i++)
        {
            float value = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            values.Add(float.IsNaN(value) ? 0f : value);
        }

        float[] source = [.. values];
        ushort[] expected = Array.ConvertAll(source, value => BitConverter.HalfToUInt16Bits((Half)value));
        foreach (InstructionSetLevel level in OperationData.AllLevels)
        {
            Assert.Equal(expected, Convert(level, source));
        }
    }

    [Fact]
    public void Not_a_number_stays_one()
    {
        float[] source = [float.NaN, -float.NaN, BitConverter.Int32BitsToSingle(0x7F800001)];
        foreach (ushort bits in OperationData.AllLevels.SelectMany(level => Convert(level, source)))
        {
            Assert.True(Half.IsNaN(BitConverter.UInt16BitsToHalf(bits)));
        }
    }

    private static ushort[] Convert(InstructionSetLevel level, float[] source)
    {
        ushort[] halves = new ushort[source.Length];
        HalfConversion.FromSingle(level, source, halves);
        return halves;
    }

    private static void AssertLoads<TLanes>()
        where TLanes : struct, ILanes<TLanes>
    {
        ushort[] halves = [.. Enumerable.Range(0, 65536).Select(bits => (ushort)bits).Where(bits => Half.IsFinite(BitConverter.UInt16BitsToHalf(bits)))];
        float[] loaded = new float[halves.Length];
        HalfConversion.LoadScaled<TLanes>(halves, loaded);
        OperationData.AssertSameBits(Array.ConvertAll(halves, HalfConversion.LoadScaled), loaded);
        OperationData.AssertSameBits(
            Array.ConvertAll(halves, bits => (float)BitConverter.UInt16BitsToHalf(bits)), Array.ConvertAll(loaded, value => value * HalfConversion.Scale));
    }
}
