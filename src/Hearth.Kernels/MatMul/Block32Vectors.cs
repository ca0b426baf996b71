using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul.Lanes;

namespace Hearth.Kernels.MatMul;

/// <summary><see cref="Q8_0"/> with AVX2: magnitudes of the weights times activations with the weights' signs.</summary>
internal readonly unsafe struct Q8_0Avx2 : IBlock32Vectors, IBlock32Lanes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q8_0);

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
    public static Vector256<byte> Codes(byte* block) => Vector256.Load(block + 2) ^ Vector256.Create((byte)0x80);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Product(byte* block, sbyte* values)
    {
        Vector256<sbyte> weights = Vector256.Load((sbyte*)block + 2);
        return Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(Avx2.Abs(weights), Avx2.Sign(Vector256.Load(values), weights)), Vector256<short>.One);
    }
}

/// <summary><see cref="Q8_0"/> with AVX-VNNI, which sums the products of four bytes in one instruction.</summary>
internal readonly unsafe struct Q8_0Vnni : IBlock32Vectors
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q8_0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Products(byte* block0, byte* block1, byte* block2, byte* block3, sbyte* values, int* sums)
    {
        Vector256<int> pairs = VectorTree.Pairs(Product(block0, values), Product(block1, values + 32));
        return VectorTree.Blocks(pairs, VectorTree.Pairs(Product(block2, values + 64), Product(block3, values + 96)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Product(byte* block, sbyte* values)
    {
        Vector256<sbyte> weights = Vector256.Load((sbyte*)block + 2);
        return AvxVnni.MultiplyWideningAndAdd(
            Vector256<int>.Zero, Avx2.Abs(weights), Avx2.Sign(Vector256.Load(values), weights));
    }
}

/// <summary><see cref="Q4_0"/> with AVX2.</summary>
internal readonly unsafe struct Q4_0Avx2 : IBlock32Vectors, IBlock32Lanes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q4_0);

    /// <inheritdoc/>
    public static int ZeroPointShift => 3;

    /// <inheritdoc/>
    public static bool IsWide => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Products(byte* block0, byte* block1, byte* block2, byte* block3, sbyte* values, int* sums) =>
        VectorTree.Nibbles(Codes(block0), Codes(block1), Codes(block2), Codes(block3), values) - (Vector128.Load(sums) << 3);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block) => VectorTree.Split(block + 2);
}

/// <summary><see cref="Q5_0"/> with AVX2.</summary>
internal readonly unsafe struct Q5_0Avx2 : IBlock32Vectors, IBlock32Lanes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q5_0);

    /// <inheritdoc/>
    public static int ZeroPointShift => 4;

    /// <inheritdoc/>
    public static bool IsWide => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Products(byte* block0, byte* block1, byte* block2, byte* block3, sbyte* values, int* sums) =>
        VectorTree.Nibbles(Codes(block0), Codes(block1), Codes(block2), Codes(block3), values) - (Vector128.Load(sums) << 4);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block) => Join(block + 2);

    /// <summary>Codes of which the high bits lie before the low ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<byte> Join(byte* bits)
    {
        Vector256<byte> spread = Avx2.Shuffle(
            Vector256.Create(*(uint*)bits).AsByte(),
            Vector256.Create(0x0000_0000_0000_0000ul, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0303_0303_0303_0303).AsByte());
        Vector256<byte> bit = Vector256.Create(0x8040_2010_0804_0201ul).AsByte();
        return VectorTree.Split(bits + sizeof(uint)) | (Vector256.Equals(spread & bit, bit) & Vector256.Create((byte)16));
    }
}

/// <summary><see cref="Q5_0"/> with AVX2 and GFNI, which expands the high bits in one instruction.</summary>
internal readonly unsafe struct Q5_0Gfni : IBlock32Vectors, IBlock32Lanes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q5_0);

    /// <inheritdoc/>
    public static int ZeroPointShift => 4;

    /// <inheritdoc/>
    public static bool IsWide => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Products(byte* block0, byte* block1, byte* block2, byte* block3, sbyte* values, int* sums) =>
        VectorTree.Nibbles(Codes(block0), Codes(block1), Codes(block2), Codes(block3), values) - (Vector128.Load(sums) << 4);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block) => Join(block + 2);

    /// <summary>Codes of which the high bits lie before the low ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<byte> Join(byte* bits)
    {
        // The data is the bit matrix: row 4 of each 8x8 matrix is a byte of high bits, the "vectors" are the eight unit vectors.
        Vector256<byte> matrix = Avx2.Shuffle(
            Vector256.Create(*(uint*)bits).AsByte(),
            Vector256.Create(0xFFFF_FFFF_00FF_FFFFul, 0xFFFF_FFFF_01FF_FFFF, 0xFFFF_FFFF_02FF_FFFF, 0xFFFF_FFFF_03FF_FFFF).AsByte());
        Vector256<byte> unit = Vector256.Create(0x8040_2010_0804_0201ul).AsByte();
        return VectorTree.Split(bits + sizeof(uint)) | Gfni.V256.GaloisFieldAffineTransform(unit, matrix, 0);
    }
}
