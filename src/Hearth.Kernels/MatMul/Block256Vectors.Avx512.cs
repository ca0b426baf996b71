using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul;

/// <summary>Sums of <see cref="Q6_K"/> with AVX-512.</summary>
internal readonly unsafe struct Q6_KAvx512 : IBlock256Vectors
{
    private const int HighOffset = 128;
    private const int SubScalesOffset = 192;

    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q6_K);

    /// <inheritdoc/>
    public static int ScaleOffset => 208;

    /// <inheritdoc/>
    public static int MinimumScaleOffset => -1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums(byte* block, ActivationBlock256* source)
    {
        Vector256<short> scales = Avx2.ConvertToVector256Int16(Vector128.Load((sbyte*)(block + SubScalesOffset)));
        Vector512<short> wide = scales.ToVector512Unsafe();
        Prefetch.Ahead(block);
        Prefetch.Ahead(block + 56);
        Vector512<int> products = Half(
            block, block + HighOffset, source->Values, wide, Vector512.Create(
                0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, (short)3));
        Prefetch.Ahead(block + 112);
        Prefetch.Ahead(block + 160);
        products += Half(
            block + 64, block + HighOffset + 32, source->Values + 128, wide, Vector512.Create(
                8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 9, 10, 10, 10, 10, 10, 10, 10, 10, 11, 11, 11, 11, 11, 11, 11, (short)11));
        Vector256<int> zeroPoint = Avx2.MultiplyAddAdjacent(scales, Vector256.Load(source->Sums16));
        Vector256<int> quarters = products.GetLower() + products.GetUpper() - (zeroPoint << 5);
        Vector128<int> halves = quarters.GetLower() + quarters.GetUpper();
        return halves + Sse2.Shuffle(halves, 0b10_11_00_01);
    }

    /// <summary>Products of 128 elements. The scales of the second 64 lie four after those of the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Half(byte* low, byte* high, sbyte* values, Vector512<short> scales, Vector512<short> order)
    {
        Vector512<byte> mask = Vector512.Create((byte)15), highMask = Vector512.Create((byte)0x30);
        Vector512<byte> both = Vector512.Load(low);
        Vector256<byte> bits = Vector256.Load(high);
        Vector512<uint> twice = Vector512.Create(bits, bits).AsUInt32();
        Vector512<uint> left = Avx512F.ShiftLeftLogicalVariable(twice, Vector512.Create(Vector256.Create(4u), Vector256.Create(2u)));
        Vector512<uint> right = Avx512F.ShiftRightLogicalVariable(twice, Vector512.Create(Vector256.Create(0u), Vector256.Create(2u)));
        return Scaled((both & mask) | (left.AsByte() & highMask), values, Avx512BW.PermuteVar32x16(scales, order))
            + Scaled(
                ((both.AsUInt16() >>> 4).AsByte() & mask) | (right.AsByte() & highMask),
                values + 64,
                Avx512BW.PermuteVar32x16(scales, order + Vector512.Create((short)4)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Scaled(Vector512<byte> codes, sbyte* values, Vector512<short> scales) =>
        Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(codes, Vector512.Load(values)), scales);
}
