using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hearth.Kernels.MatMul;

/// <summary>Transposing sums of integers: the products of several blocks end as one vector with an element per block.</summary>
internal static unsafe class VectorTree
{
    /// <summary>16 bytes of codes of 4 bits: the low ones, then the high ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<byte> Split(byte* codes) =>
        Avx2.ShiftRightLogicalVariable(Avx2.BroadcastVector128ToVector256(codes).AsUInt32(), Vector256.Create(0u, 0, 0, 0, 4, 4, 4, 4)).AsByte()
        & Vector256.Create((byte)15);

    /// <summary>Products of four blocks of 32 codes below 32, in 16 bits as long as they fit: 8 * 31 * 127 is 31,496.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> Nibbles(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c, Vector256<byte> d, sbyte* values)
    {
        Vector256<int> first = Avx2.MultiplyAddAdjacent(a, Vector256.Load(values)).AsInt32();
        Vector256<int> second = Avx2.MultiplyAddAdjacent(b, Vector256.Load(values + 32)).AsInt32();
        Vector256<int> third = Avx2.MultiplyAddAdjacent(c, Vector256.Load(values + 64)).AsInt32();
        Vector256<int> fourth = Avx2.MultiplyAddAdjacent(d, Vector256.Load(values + 96)).AsInt32();
        Vector256<long> low = (Avx2.UnpackLow(first, second).AsInt16() + Avx2.UnpackHigh(first, second).AsInt16()).AsInt64();
        Vector256<long> high = (Avx2.UnpackLow(third, fourth).AsInt16() + Avx2.UnpackHigh(third, fourth).AsInt16()).AsInt64();
        Vector256<short> all = Avx2.UnpackLow(low, high).AsInt16() + Avx2.UnpackHigh(low, high).AsInt16();
        Vector256<int> sums = Avx2.MultiplyAddAdjacent(all, Vector256<short>.One);
        return sums.GetLower() + sums.GetUpper();
    }

    /// <summary>Half sums of two vectors, alternating.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> Pairs(Vector256<int> a, Vector256<int> b) => Avx2.UnpackLow(a, b) + Avx2.UnpackHigh(a, b);

    /// <summary>The sums of the four vectors of two <see cref="Pairs"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> Blocks(Vector256<int> ab, Vector256<int> cd)
    {
        Vector256<int> sums = Avx2.UnpackLow(ab.AsInt64(), cd.AsInt64()).AsInt32() + Avx2.UnpackHigh(ab.AsInt64(), cd.AsInt64()).AsInt32();
        return sums.GetLower() + sums.GetUpper();
    }
}
