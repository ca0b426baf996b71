using System.Buffers.Text;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hearth.Kernels.Formats;

/// <summary>
/// The codebooks of the IQ1, IQ2 and IQ3 formats. Their figures are part of the formats; each format has its own as text (Base64 of a
/// stream of 2-bit or 3-bit numbers, the first in the lowest bits) and unpacks it when it is first used.
/// </summary>
internal static unsafe class Codebook
{
    /// <summary>
    /// 128 bytes: the sign bits of eight elements whose first seven are the index; the eighth makes the number of minus signs even.
    /// </summary>
    internal static readonly byte* EvenSigns = BuildEvenSigns();

    /// <summary>256 words: a byte of ones where a bit of the index is set.</summary>
    internal static readonly ulong* SignMasks = BuildSignMasks();

    /// <summary>Unpacks a codebook to native memory, 64-byte aligned, that lives as long as the process.</summary>
    /// <param name="packed">The Base64 text of the numbers.</param>
    /// <param name="bits">Bits of a number.</param>
    /// <param name="values">The value that each number stands for.</param>
    internal static sbyte* Unpack(ReadOnlySpan<byte> packed, int bits, ReadOnlySpan<sbyte> values)
    {
        Span<byte> bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(packed.Length)];
        Base64.DecodeFromUtf8(packed, bytes, out _, out int length);
        int count = length * 8 / bits;
        sbyte* book = (sbyte*)NativeMemory.AlignedAlloc((nuint)count, 64);
        uint window = 0;
        int available = 0, next = 0;
        for (int i = 0; i < count; i++)
        {
            if (available < bits)
            {
                window |= (uint)bytes[next++] << available;
                available += 8;
            }

            book[i] = values[(int)(window & ((1u << bits) - 1))];
            window >>= bits;
            available -= bits;
        }

        return book;
    }

    /// <summary>Writes scale * value for the eight bytes of a word, negated where a bit of <paramref name="signs"/> is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Expand(ulong vector, int signs, float scale, float* destination)
    {
        Vector128<short> values = Vector128.WidenLower(Vector128.CreateScalarUnsafe(vector).AsSByte());
        Vector128<int> bits = Vector128.Create(signs);
        Store(Vector128.WidenLower(values), bits, Vector128.Create(1, 2, 4, 8), scale, destination);
        Store(Vector128.WidenUpper(values), bits, Vector128.Create(16, 32, 64, 128), scale, destination + 4);
    }

    /// <summary>The eight bytes of a word, all above zero, negated where one of <see cref="SignMasks"/> has ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Signed(ulong vector, ulong mask) =>
        (vector ^ mask) + (mask & 0x0101_0101_0101_0101);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<int> values, Vector128<int> signs, Vector128<int> select, float scale, float* destination)
    {
        Vector128<float> negative = (Vector128.Equals(signs & select, select) & Vector128.Create(int.MinValue)).AsSingle();
        ((Vector128.ConvertToSingle(values) * scale) ^ negative).Store(destination);
    }

    private static byte* BuildEvenSigns()
    {
        const int Count = 128;
        byte* signs = (byte*)NativeMemory.AlignedAlloc(Count, 64);
        for (int i = 0; i < Count; i++)
        {
            signs[i] = (byte)(i | (BitOperations.PopCount((uint)i) << 7));
        }

        return signs;
    }

    private static ulong* BuildSignMasks()
    {
        ulong* masks = (ulong*)NativeMemory.AlignedAlloc((byte.MaxValue + 1) * sizeof(ulong), 64);
        for (int signs = 0; signs <= byte.MaxValue; signs++)
        {
            masks[signs] = 0;
            for (int bit = 0; bit < 8; bit++)
            {
                masks[signs] |= (signs >> bit & 1) == 0 ? 0 : 0xFFul << (8 * bit);
            }
        }

        return masks;
    }
}
