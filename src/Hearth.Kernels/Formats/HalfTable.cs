using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hearth.Kernels.Formats;

/// <summary>Every half-precision value as a float, by its 16 bits. The library conversion is software; a look-up is one load.</summary>
internal static unsafe class HalfTable
{
    /// <summary>65,536 floats in native memory, 64-byte aligned; lives as long as the process.</summary>
    internal static readonly float* Pointer = Build();

    /// <summary>The value of a half with these bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float ToSingle(ushort bits) => Pointer[bits];

    /// <summary>The bits of the half nearest to a value (ties to even; infinity from 65,520 on), faster than the library does it.</summary>
    internal static ushort FromSingle(float value)
    {
        const uint Infinity = 0x7C00, QuietNaN = 0x7E00, SmallestNormal = 113u << 23, ExponentDifference = 112u << 23;
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint sign = bits >> 16 & 0x8000;
        uint magnitude = bits & 0x7FFF_FFFF;
        if (magnitude < SmallestNormal)
        {
            // The last bit of a float just above 0.5 is worth as much as that of a half below the normal range.
            float shifted = BitConverter.UInt32BitsToSingle(magnitude) + 0.5f;
            return (ushort)(sign | (BitConverter.SingleToUInt32Bits(shifted) - BitConverter.SingleToUInt32Bits(0.5f)));
        }

        if (float.IsNaN(value))
        {
            return (ushort)(sign | QuietNaN);
        }

        uint rounded = (magnitude - ExponentDifference + 0xFFF + (magnitude >> 13 & 1)) >> 13;
        return (ushort)(sign | Math.Min(rounded, Infinity));
    }

    private static float* Build()
    {
        float* table = (float*)NativeMemory.AlignedAlloc((ushort.MaxValue + 1) * sizeof(float), 64);
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            table[bits] = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
        }

        return table;
    }
}
