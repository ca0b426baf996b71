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

    /// <summary>The bits of the half nearest to a value (ties to even; infinity from 65,520 on).</summary>
    internal static ushort FromSingle(float value) => BitConverter.HalfToUInt16Bits((Half)value);

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
