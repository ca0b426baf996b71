using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hearth.Kernels.Formats;

/// <summary>Sixteen codes at a time, from integers to the bits of the formats. Integers only: the same on every machine.</summary>
internal static unsafe class CodePacking
{
    /// <summary>The low bytes of sixteen integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Narrow(int* values, byte* destination)
    {
        Vector128<short> low = Vector128.Narrow(Vector128.Load(values), Vector128.Load(values + 4));
        Vector128<short> high = Vector128.Narrow(Vector128.Load(values + 8), Vector128.Load(values + 12));
        Vector128.Narrow(low, high).AsByte().Store(destination);
    }

    /// <summary>Sixteen bytes of a low and a high nibble each; the codes may have higher bits, which are left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreNibbles(byte* low, byte* high, byte* destination)
    {
        Vector128<byte> nibble = Vector128.Create((byte)15);
        ((Vector128.Load(low) & nibble) | ShiftLeft(Vector128.Load(high) & nibble, 4)).Store(destination);
    }

    /// <summary>Bit i of the result is bit <paramref name="bit"/> of code i, of 32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Bits(byte* codes, int bit) =>
        Bits(Vector128.Load(codes), bit) | (Bits(Vector128.Load(codes + 16), bit) << 16);

    /// <summary>
    /// Or-s sixteen codes, shifted right by <paramref name="right"/>, cut to <paramref name="mask"/> and shifted left, into as many bytes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Merge(byte* codes, int right, byte mask, int left, byte* destination)
    {
        Vector128<byte> part = Vector128.ShiftRightLogical(Vector128.Load(codes).AsUInt16(), right).AsByte() & Vector128.Create(mask);
        (Vector128.Load(destination) | ShiftLeft(part, left)).Store(destination);
    }

    /// <summary>Shifts bytes whose high bits, as many, are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> ShiftLeft(Vector128<byte> bytes, int count) => Vector128.ShiftLeft(bytes.AsUInt16(), count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bits(Vector128<byte> codes, int bit) => Vector128.ShiftLeft(codes.AsUInt16(), 7 - bit).AsByte().ExtractMostSignificantBits();
}
