using System.Runtime.CompilerServices;

namespace Hearth.Kernels.Formats;

/// <summary>The 12 bytes of eight 6-bit scales and eight 6-bit minimums of <see cref="Q4_K"/> and <see cref="Q5_K"/>.</summary>
internal static unsafe class PackedScales
{
    /// <summary>Bytes packed.</summary>
    internal const int Bytes = 12;

    /// <summary>Scales, and minimums, packed.</summary>
    internal const int Count = 8;

    /// <summary>Unpacks the eight pairs.</summary>
    internal static void Unpack(byte* packed, byte* scales, byte* minimums)
    {
        for (int i = 0; i < 4; i++)
        {
            scales[i] = (byte)(packed[i] & 63);
            minimums[i] = (byte)(packed[i + 4] & 63);
            scales[i + 4] = (byte)((packed[i + 8] & 15) | (packed[i] >> 6 << 4));
            minimums[i + 4] = (byte)((packed[i + 8] >> 4) | (packed[i + 4] >> 6 << 4));
        }
    }

    /// <summary>Packs eight pairs of values below 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Pack(byte* scales, byte* minimums, byte* packed)
    {
        for (int i = 0; i < 4; i++)
        {
            packed[i] = (byte)(scales[i] | (scales[i + 4] >> 4 << 6));
            packed[i + 4] = (byte)(minimums[i] | (minimums[i + 4] >> 4 << 6));
            packed[i + 8] = (byte)((scales[i + 4] & 15) | (minimums[i + 4] << 4));
        }
    }

    /// <summary>Makes random bytes pairs of two equal values from 32 to 63.</summary>
    internal static void MakeEqual(byte* packed)
    {
        uint* words = (uint*)packed;
        uint nibbles = words[2] & 0x0F0F_0F0F;
        words[0] |= 0xA0A0_A0A0;
        words[1] = words[0];
        words[2] = nibbles | (nibbles << 4);
    }
}
