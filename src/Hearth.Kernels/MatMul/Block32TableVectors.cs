using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul.Lanes;

namespace Hearth.Kernels.MatMul;

/// <summary>
/// <see cref="MXFP4"/> with AVX2: a shuffle looks values up, less the smallest power of two that makes all of them positive.
/// </summary>
internal readonly unsafe struct MXFP4Avx2 : IBlock32Vectors, IBlock32Lanes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(MXFP4);

    /// <inheritdoc/>
    public static float* Table => MXFP4.Scales;

    /// <inheritdoc/>
    public static int ZeroPointShift => 4;

    /// <inheritdoc/>
    public static bool IsWide => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(byte* block, float* table) => table[*block];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Products(byte* block0, byte* block1, byte* block2, byte* block3, sbyte* values, int* sums) =>
        VectorTree.Nibbles(Codes(block0), Codes(block1), Codes(block2), Codes(block3), values) - (Vector128.Load(sums) << 4);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block)
    {
        // E2M1.Values and 16.
        const ulong Positive = 0x1C18_1614_1312_1110, Negative = 0x0408_0A0C_0D0E_0F10;
        return Avx2.Shuffle(Vector256.Create(Positive, Negative, Positive, Negative).AsByte(), VectorTree.Split(block + 1));
    }
}

/// <summary><see cref="IQ4_NL"/> with AVX2: a shuffle looks values up, which are multiplied like <see cref="Q8_0"/>'s.</summary>
internal readonly unsafe struct IQ4_NLAvx2 : IBlock32Vectors, IBlock32Lanes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(IQ4_NL);

    /// <inheritdoc/>
    public static int ZeroPointShift => 7;

    /// <inheritdoc/>
    public static bool IsWide => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Products(byte* block0, byte* block1, byte* block2, byte* block3, sbyte* values, int* sums)
    {
        Vector256<int> pairs = VectorTree.Pairs(Product(block0, values), Product(block1, values + 32));
        return VectorTree.Blocks(pairs, VectorTree.Pairs(Product(block2, values + 64), Product(block3, values + 96)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block) => Values(block + 2).AsByte() ^ Vector256.Create((byte)0x80);

    /// <summary>The values of 16 bytes of codes: the low ones, then the high ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<sbyte> Values(byte* codes)
    {
        // IQ4_NL.Values.
        const ulong Negative = 0xF6EA_DDCF_BFAD_9881, Positive = 0x7159_4535_2619_0D01;
        return Avx2.Shuffle(Vector256.Create(Negative, Positive, Negative, Positive).AsSByte(), VectorTree.Split(codes).AsSByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Product(byte* block, sbyte* values)
    {
        Vector256<sbyte> weights = Values(block + 2);
        return Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(Avx2.Abs(weights), Avx2.Sign(Vector256.Load(values), weights)), Vector256<short>.One);
    }
}

/// <summary><see cref="IQ4_NL"/> with AVX-VNNI, which sums the products of four bytes in one instruction.</summary>
internal readonly unsafe struct IQ4_NLVnni : IBlock32Vectors
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(IQ4_NL);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Products(byte* block0, byte* block1, byte* block2, byte* block3, sbyte* values, int* sums)
    {
        Vector256<int> pairs = VectorTree.Pairs(Product(block0, values), Product(block1, values + 32));
        return VectorTree.Blocks(pairs, VectorTree.Pairs(Product(block2, values + 64), Product(block3, values + 96)))
            - (Vector128.Load(sums) << 7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Product(byte* block, sbyte* values)
    {
        // IQ4_NL.Values and 128.
        const ulong Low = 0x766A_5D4F_3F2D_1801, High = 0xF1D9_C5B5_A699_8D81;
        Vector256<byte> codes = Avx2.Shuffle(Vector256.Create(Low, High, Low, High).AsByte(), VectorTree.Split(block + 2));
        return AvxVnni.MultiplyWideningAndAdd(Vector256<int>.Zero, codes, Vector256.Load(values));
    }
}
