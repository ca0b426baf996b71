namespace Hearth.Kernels.Tests;

/// <summary>What the tests of the operations share.</summary>
internal static class OperationData
{
    /// <summary>The levels of this machine, and the one of 128-bit vectors: these operations run it on every machine.</summary>
    public static IEnumerable<InstructionSetLevel> AllLevels => InstructionSets.Supported.Append(InstructionSetLevel.Neon).Distinct();

    public static TheoryData<string> Levels => [.. AllLevels.Select(level => level.ToString())];

    public static InstructionSetLevel Parse(string level) => Enum.Parse<InstructionSetLevel>(level);

    public static float[] Random(int seed, int count, float size = 1f)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * size);
        }

        return values;
    }

    public static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
            {
                Assert.Fail($"Element {i}: expected {expected[i]:G9}, actual {actual[i]:G9}.");
            }
        }
    }

    public static void AssertClose(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double relative, double absolute)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= (relative * Math.Abs(expected[i])) + absolute))
            {
                Assert.Fail($"Element {i}: expected {expected[i]:G12}, actual {actual[i]:G9}.");
            }
        }
    }
}
