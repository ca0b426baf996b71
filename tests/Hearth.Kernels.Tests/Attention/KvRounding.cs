using Hearth.Kernels.Attention;

namespace Hearth.Kernels.Tests.Attention;

/// <summary>What is left of keys and values in a storage, said in another way than the storage does it.</summary>
internal static class KvRounding
{
    private const int GroupSize = 32;

    /// <summary>Neighbouring vectors of <paramref name="size"/> elements as a storage keeps them.</summary>
    internal static float[] Rounded(float[] vectors, int size, KvElementType type) => type switch
    {
        KvElementType.F16 => Array.ConvertAll(vectors, value => (float)RoundToBits(value, 11)),
        KvElementType.BF16 => Array.ConvertAll(vectors, value => (float)RoundToBits(value, 8)),
        KvElementType.Q8_0 => [.. vectors.Chunk(size).SelectMany(vector => vector.Chunk(GroupSize)).SelectMany(RoundGroup)],
        _ => vectors,
    };

    /// <summary>The least step of 8 bits that reaches the largest element in 127 steps.</summary>
    internal static float Step(float[] group)
    {
        double least = group.Max(Math.Abs) / 127f;
        double unit = Math.Pow(2, Math.Floor(Math.Log2(least)) - 7);
        return (float)(Math.Ceiling(least / unit) * unit);
    }

    private static IEnumerable<float> RoundGroup(float[] group)
    {
        float step = Step(group);
        return group.Select(value => MathF.Round(value * (1f / step)) * step);
    }

    private static double RoundToBits(double value, int bits)
    {
        if (value == 0)
        {
            return value;
        }

        double unit = Math.Pow(2, Math.Floor(Math.Log2(Math.Abs(value))) - bits + 1);
        return Math.Round(value / unit) * unit;
    }
}
