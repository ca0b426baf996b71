using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul.Lanes;

namespace Hearth.Kernels.MatMul;

/// <summary><see cref="Q4_1"/> with AVX2.</summary>
internal readonly unsafe struct Q4_1Avx2 : IBlock32Vectors, IBlock32Lanes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q4_1);

    /// <inheritdoc/>
    public static bool HasMinimum => true;

    /// <inheritdoc/>
    public static int ZeroPointShift => 0;

    /// <inheritdoc/>
    public static bool IsWide => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Products(byte* block0, byte* block1, byte* block2, byte* block3, sbyte* values, int* sums) =>
        VectorTree.Nibbles(Codes(block0), Codes(block1), Codes(block2), Codes(block3), values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block) => VectorTree.Split(block + 4);
}

/// <summary><see cref="Q5_1"/> with AVX2.</summary>
internal readonly unsafe struct Q5_1Avx2 : IBlock32Vectors, IBlock32Lanes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q5_1);

    /// <inheritdoc/>
    public static bool HasMinimum => true;

    /// <inheritdoc/>
    public static int ZeroPointShift => 0;

    /// <inheritdoc/>
    public static bool IsWide => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Products(byte* block0, byte* block1, byte* block2, byte* block3, sbyte* values, int* sums) =>
        VectorTree.Nibbles(Codes(block0), Codes(block1), Codes(block2), Codes(block3), values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block) => Q5_0Avx2.Join(block + 4);
}

/// <summary><see cref="Q5_1"/> with AVX2 and GFNI.</summary>
internal readonly unsafe struct Q5_1Gfni : IBlock32Vectors, IBlock32Lanes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q5_1);

    /// <inheritdoc/>
    public static bool HasMinimum => true;

    /// <inheritdoc/>
    public static int ZeroPointShift => 0;

    /// <inheritdoc/>
    public static bool IsWide => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Products(byte* block0, byte* block1, byte* block2, byte* block3, sbyte* values, int* sums) =>
        VectorTree.Nibbles(Codes(block0), Codes(block1), Codes(block2), Codes(block3), values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* block) => Q5_0Gfni.Join(block + 4);
}
