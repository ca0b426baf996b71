using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul.Lanes;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul;

/// <summary>What formats of blocks of 256 with a scale per 16 elements have in common, with AVX2.</summary>
internal static unsafe class SmallSubBlocks
{
    /// <summary>16-bit scales of even sub-blocks in the lower half, of odd ones in the upper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<byte> Interleave(Vector128<sbyte> scales)
    {
        Vector128<short> pairs = scales.AsInt16();
        return Vector256.Create((pairs << 8) >> 8, pairs >> 8).AsByte();
    }

    /// <summary>Products of the 32 codes of two sub-blocks with their scales.</summary>
    /// <param name="codes">Unsigned; two products fit in 16 bits.</param>
    /// <param name="values">32 activations.</param>
    /// <param name="scales">All scales, as <see cref="Interleave"/> orders them.</param>
    /// <param name="pair">Which two sub-blocks.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> Scaled(Vector256<byte> codes, sbyte* values, Vector256<byte> scales, int pair) =>
        Scaled(codes, Vector256.Load(values), scales, pair);

    /// <summary>Products of the 32 codes of two sub-blocks with their scales.</summary>
    /// <param name="codes">Unsigned; two products fit in 16 bits.</param>
    /// <param name="values">32 activations.</param>
    /// <param name="scales">All scales, as <see cref="Interleave"/> orders them.</param>
    /// <param name="pair">Which two sub-blocks.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> Scaled(Vector256<byte> codes, Vector256<sbyte> values, Vector256<byte> scales, int pair) =>
        Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(codes, values),
            Avx2.Shuffle(scales, Vector256.Create((short)(0x0100 + (0x0202 * pair))).AsByte()).AsInt16());

    /// <summary>Unpacks 16 scales for <see cref="Block256Lanes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreScales(Vector256<short> scales, LaneRow256* row)
    {
        Vector256<short> low = Avx2.UnpackLow(scales, scales), high = Avx2.UnpackHigh(scales, scales);
        Avx2.Permute2x128(low, high, 0x20).Store(row->Scales);
        Avx2.Permute2x128(low, high, 0x31).Store(row->Scales + 16);
    }
}

/// <summary>Sums of <see cref="Q2_K"/> with AVX2.</summary>
internal readonly unsafe struct Q2_KAvx2 : IBlock256Vectors, IBlock256Lanes
{
    private const int CodesOffset = 16;

    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q2_K);

    /// <inheritdoc/>
    public static int ScaleOffset => 80;

    /// <inheritdoc/>
    public static int MinimumScaleOffset => 82;

    /// <inheritdoc/>
    public static int SumsInShorts => 4;

    /// <inheritdoc/>
    public static bool HasMinimums => true;

    /// <inheritdoc/>
    public static int ZeroPointShift => 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, LaneRow256* row)
    {
        Vector128<byte> packed = Vector128.Load(block);
        SmallSubBlocks.StoreScales(Avx2.ConvertToVector256Int16(packed & Vector128.Create((byte)15)), row);
        Minimums(packed).Store(row->SumFactors);
        row->Scale = HalfTable.ToSingle(*(ushort*)(block + ScaleOffset));
        row->MinimumScale = HalfTable.ToSingle(*(ushort*)(block + MinimumScaleOffset));
        for (int half = 0; half < 2; half++)
        {
            Vector256<ushort> codes = Vector256.Load(block + CodesOffset + (32 * half)).AsUInt16();
            byte* destination = row->Codes + (128 * half);
            Codes(codes).Store(destination);
            Codes(codes >>> 2).Store(destination + 32);
            Codes(codes >>> 4).Store(destination + 64);
            Codes(codes >>> 6).Store(destination + 96);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums(byte* block, ActivationBlock256* source)
    {
        Vector128<byte> packed = Vector128.Load(block);
        Vector256<byte> scales = SmallSubBlocks.Interleave((packed & Vector128.Create((byte)15)).AsSByte());
        Prefetch.Ahead(block);
        Vector256<int> products = Half(Vector256.Load(block + CodesOffset).AsUInt16(), source->Values, scales, 0);
        Prefetch.Ahead(block + 42);
        products += Half(Vector256.Load(block + CodesOffset + 32).AsUInt16(), source->Values + 128, scales, 4);
        Vector256<int> minimums = Avx2.MultiplyAddAdjacent(Minimums(packed), Vector256.Load(source->Sums16));
        Vector256<int> both = Avx2.UnpackLow(products, minimums) + Avx2.UnpackHigh(products, minimums);
        return both.GetLower() + both.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Minimums(Vector128<byte> packed) =>
        Avx2.ConvertToVector256Int16((packed.AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)15));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Codes(Vector256<ushort> bits) => bits.AsByte() & Vector256.Create((byte)3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Half(Vector256<ushort> codes, sbyte* values, Vector256<byte> scales, int pair) =>
        SmallSubBlocks.Scaled(Codes(codes), values, scales, pair)
        + SmallSubBlocks.Scaled(Codes(codes >>> 2), values + 32, scales, pair + 1)
        + SmallSubBlocks.Scaled(Codes(codes >>> 4), values + 64, scales, pair + 2)
        + SmallSubBlocks.Scaled(Codes(codes >>> 6), values + 96, scales, pair + 3);
}

/// <summary>Sums of <see cref="Q3_K"/> with AVX2.</summary>
internal readonly unsafe struct Q3_KAvx2 : IBlock256Vectors, IBlock256Lanes
{
    private const int CodesOffset = 32;
    private const int SubScalesOffset = 96;

    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q3_K);

    /// <inheritdoc/>
    public static int ScaleOffset => 108;

    /// <inheritdoc/>
    public static int MinimumScaleOffset => -1;

    /// <inheritdoc/>
    public static int SumsInShorts => 4;

    /// <inheritdoc/>
    public static bool HasMinimums => false;

    /// <inheritdoc/>
    public static int ZeroPointShift => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, LaneRow256* row)
    {
        Vector256<short> scales = Avx2.ConvertToVector256Int16(SubScales(block));
        SmallSubBlocks.StoreScales(scales, row);
        scales.Store(row->SumFactors);
        row->Scale = HalfTable.ToSingle(*(ushort*)(block + ScaleOffset));
        Vector256<ushort> high = Vector256.Load(block).AsUInt16();
        for (int half = 0; half < 2; half++)
        {
            Vector256<ushort> low = Vector256.Load(block + CodesOffset + (32 * half)).AsUInt16();
            byte* destination = row->Codes + (128 * half);
            Codes(low, high << 2).Store(destination);
            Codes(low >>> 2, high << 1).Store(destination + 32);
            Codes(low >>> 4, high).Store(destination + 64);
            Codes(low >>> 6, high >>> 1).Store(destination + 96);
            high >>>= 4;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums(byte* block, ActivationBlock256* source)
    {
        Vector128<sbyte> subScales = SubScales(block);
        Vector256<byte> scales = SmallSubBlocks.Interleave(subScales);
        Vector256<ushort> high = Vector256.Load(block).AsUInt16();
        Prefetch.Ahead(block);
        Vector256<int> products = Half(Vector256.Load(block + CodesOffset).AsUInt16(), high, source->Values, scales, 0);
        Prefetch.Ahead(block + 55);
        products += Half(Vector256.Load(block + CodesOffset + 32).AsUInt16(), high >>> 4, source->Values + 128, scales, 4);
        products -= Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(subScales), Vector256.Load(source->Sums16)) << ZeroPointShift;
        Vector128<int> halves = products.GetLower() + products.GetUpper();
        return halves + Sse2.Shuffle(halves, 0b10_11_00_01);
    }

    /// <summary>The 16 scales, from -32 to 31.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> SubScales(byte* block)
    {
        ulong packed = *(ulong*)(block + SubScalesOffset);
        Vector128<byte> low = Vector128.Create(packed, packed >> 4).AsByte() & Vector128.Create((byte)15);
        Vector128<uint> high = Avx2.ShiftRightLogicalVariable(
            Vector128.Create(*(uint*)(block + SubScalesOffset + sizeof(ulong))), Vector128.Create(0u, 2, 4, 6)) << 4;
        return (low | (high.AsByte() & Vector128.Create((byte)0x30))).AsSByte() - Vector128.Create((sbyte)32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Codes(Vector256<ushort> low, Vector256<ushort> high) =>
        (low.AsByte() & Vector256.Create((byte)3)) | (high.AsByte() & Vector256.Create((byte)4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Half(Vector256<ushort> low, Vector256<ushort> high, sbyte* values, Vector256<byte> scales, int pair) =>
        SmallSubBlocks.Scaled(Codes(low, high << 2), values, scales, pair)
        + SmallSubBlocks.Scaled(Codes(low >>> 2, high << 1), values + 32, scales, pair + 1)
        + SmallSubBlocks.Scaled(Codes(low >>> 4, high), values + 64, scales, pair + 2)
        + SmallSubBlocks.Scaled(Codes(low >>> 6, high >>> 1), values + 96, scales, pair + 3);
}
