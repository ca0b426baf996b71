using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>
/// 256 elements in groups of 8, each two vectors of the codebook with signs: value = Scale * (1 + 2 scale) * vector, a 4-bit scale per 32.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct IQ3_S : IBlockFormat<IQ3_S>
{
    /// <summary>512 vectors of 4 bytes.</summary>
    internal static readonly uint* Grid = (uint*)Codebook.Unpack(Packed, 3, [1, 3, 5, 7, 9, 11, 13, 15]);

    /// <summary>The scale, a half.</summary>
    internal ushort Scale;

    /// <summary>Two per group: the low eight bits of a vector's index.</summary>
    internal fixed byte Codes[64];

    /// <summary>Per 32 elements: the high bits of the eight indices, the first lowest.</summary>
    internal fixed byte HighBits[8];

    /// <summary>Per group: the signs, a bit per element.</summary>
    internal fixed byte Signs[32];

    /// <summary>Per 64 elements: the scales of the first 32 (low nibble) and of the last.</summary>
    internal fixed byte SubScales[4];

    /// <inheritdoc/>
    public static TensorType Type => TensorType.IQ3_S;

    /// <inheritdoc/>
    public static int BlockElements => SuperBlock.Elements;

    private static ReadOnlySpan<byte> Packed =>
        "ABAAAlAAB4AACaAADOAAEBABFbABICACJXACKbACMCADOcADPwAEQSAERIAESdAEUDAFV5AFXUAGcVAHegAIgVAIh4AIi+AIkVAJmMAJolAKp5AKq4ALuzAM"u8
        + "ydAM0CAN2bAN3kAO6KAO95AP/QAQC/EQEUERGgESI5ESOCEURAEVUmEVWxEWZXEWdrEXhpEYi5EZqpEbwCEcxAEd0mEd24Ee7AEgASIgBIIgCbIgDfIgECIh"u8
        + "GcIhHsIiLhIjOgIkQTIkRoIkTBIlWLIlYYImaoInfgIoitIojwIplKIpoDIqrQIruhIsxHIsyLIs0XIt2MIt4SIv+DIwBaMwDJMxGyMyJoMyLBM0SLM0UYM1"u8
        + "WpM2kEM5l0M6phM8w4M8yhM93RM+8oM/ABRAA1RAB4RACsRADhRBE3RBGKRBITRCJYRCKnRDOLRDPQREQoRES/REUlRFWcRFYpRGgURIhxRJk4RJnxRKq/RK"u8
        + "ucRLwCRMxZRM0kRN2bRN4oRO9hRQBwVRE6VRHRVSOtVTRJVUUvVVYLVWeAVYgnVYkdVasVVcyWVd2DVe6CVgCbZgDfZgEpZhG9ZhIkZiJ5ZiM5ZjQTZkRcZk"u8
        + "UTZlYAZneuZngKZokKZpnIZqwYZszBZt03Zt2BZu43Zu7bZvA5dwDidxGadyMEdzQYd0Sld1Wkd2brd3jhd6wTd80Cd93QeABKiAEEiBF6iBIYiCOCiER5iE"u8
        + "SyiFWNiFY5iGbRiIg4iIjRiJmwiKryiLuEiMybiM0CiN2diNACmQFPmRIJmTRXmUUSmXi8mZsImczYmd45meAoqgDCqhIEqiJ6qiNsqjQTqkRaqkUaqlegqo"u8
        + "iTqpmOqpqyqsx4qs10qu6Vqv+xqwBAuxGmuySmu1abu2oiu8xCu9CbzADZzBGwzDQAzFV0zHiszJotzKsozLwMzM0QzOFT3SMg3UQ83VcF3YoJ3cyw3gBH7g"u8
        + "EC7hHg7iLC7jQp7kVD7mZR7ohI7ojh7pmJ7qwq7t3b7uAV/wCw/xKC/1Yi/4mQ/8"u8;

    /// <inheritdoc/>
    public static void Decode(IQ3_S* block, float* destination)
    {
        float blockScale = HalfTable.ToSingle(block->Scale);
        for (int group = 0; group < 32; group++)
        {
            int high = block->HighBits[group / 4] >> (group % 4 * 2);
            int first = block->Codes[2 * group] | ((high & 1) << 8);
            int second = block->Codes[(2 * group) + 1] | ((high & 2) << 7);
            float scale = blockScale * (1 + (2 * ((block->SubScales[group / 8] >> (group / 4 % 2 * 4)) & 15)));
            Codebook.Expand(Grid[first] | ((ulong)Grid[second] << 32), block->Signs[group], scale, destination);
            destination += 8;
        }
    }

    /// <inheritdoc/>
    public static void SetScale(IQ3_S* block, float scale) => block->Scale = HalfTable.FromSingle(scale / 64);
}
