using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Hearth.Kernels.MatMul.Neon;

/// <summary>What unpacks codes in vectors of 128 bits.</summary>
internal static unsafe class CodeBits
{
    /// <summary>Bits of sixteen bytes, moved.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="from">The lowest bit that is wanted.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="mask">The bits of the result.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Move(byte* source, int from, int to, byte mask)
    {
        Vector128<byte> bytes = Vector128.Load(source);
        if (from > to)
        {
            bytes >>>= from - to;
            return mask == 0xFF >> (from - to) ? bytes : bytes & Vector128.Create(mask);
        }

        return (from < to ? bytes << (to - from) : bytes) & Vector128.Create(mask);
    }

    /// <summary>Values of codes below 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<sbyte> Look(Vector128<sbyte> values, Vector128<byte> codes) => AdvSimd.Arm64.IsSupported
        ? AdvSimd.Arm64.VectorTableLookup(values, codes.AsSByte())
        : Vector128.Shuffle(values, codes.AsSByte());

    /// <summary>Eight bytes, each twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Twice(ulong bytes) => Vector128.Shuffle(
        Vector128.CreateScalar(bytes).AsByte(), Vector128.Create((byte)0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));

    /// <summary>A byte per bit of sixteen: all ones where it is clear.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Clear(ushort bits)
    {
        Vector128<byte> bytes = Vector128.Shuffle(
            Vector128.CreateScalar((uint)bits).AsByte(), Vector128.Create((byte)0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
        return Vector128.Equals(bytes & Vector128.Create(0x8040_2010_0804_0201).AsByte(), Vector128<byte>.Zero);
    }
}
