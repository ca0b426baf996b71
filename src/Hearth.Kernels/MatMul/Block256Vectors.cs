using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul.Lanes;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul;

/// <summary>Sums of <see cref="Q4_K"/> with AVX2.</summary>
internal readonly unsafe struct Q4_KAvx2 : IBlock256Vectors, IBlock256Lanes
{
    private const int CodesOffset = 16;

    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q4_K);

    /// <inheritdoc/>
    public static int ScaleOffset => 0;

    /// <inheritdoc/>
    public static int MinimumScaleOffset => 2;

    /// <inheritdoc/>
    public static int SumsInShorts => 8;

    /// <inheritdoc/>
    public static bool HasMinimums => true;

    /// <inheritdoc/>
    public static int ZeroPointShift => 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, LaneRow256* row)
    {
        StoreScales(block, row);
        Vector256<byte> mask = Vector256.Create((byte)15);
        for (int i = 0; i < 4; i++)
        {
            Vector256<byte> both = Vector256.Load(block + CodesOffset + (32 * i));
            (both & mask).Store(row->Codes + (64 * i));
            ((both.AsUInt16() >>> 4).AsByte() & mask).Store(row->Codes + (64 * i) + 32);
        }
    }

    /// <summary>Unpacks what <see cref="Q4_K"/> and <see cref="Q5_K"/> have in common.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreScales(byte* block, LaneRow256* row)
    {
        Vector128<byte> packed = Unpack(block);
        Vector128<short> scales = Sse41.ConvertToVector128Int16(packed), minimums = Sse41.ConvertToVector128Int16(Sse2.ShiftRightLogical128BitLane(packed, 8));
        Vector128<int> low = Sse2.UnpackLow(scales, scales).AsInt32(), high = Sse2.UnpackHigh(scales, scales).AsInt32();
        Sse2.UnpackLow(low, low).Store((int*)row->Scales);
        Sse2.UnpackHigh(low, low).Store((int*)row->Scales + 4);
        Sse2.UnpackLow(high, high).Store((int*)row->Scales + 8);
        Sse2.UnpackHigh(high, high).Store((int*)row->Scales + 12);
        Sse2.UnpackLow(minimums, minimums).Store(row->SumFactors);
        Sse2.UnpackHigh(minimums, minimums).Store(row->SumFactors + 8);
        row->Scale = HalfTable.ToSingle(*(ushort*)block);
        row->MinimumScale = HalfTable.ToSingle(*(ushort*)(block + 2));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums(byte* block, ActivationBlock256* source)
    {
        Vector256<short> packed = Avx2.ConvertToVector256Int16(Unpack(block));
        Vector256<byte> scales = Vector256.Create(packed.GetLower(), packed.GetLower()).AsByte();
        byte* codes = block + CodesOffset;
        sbyte* values = source->Values;
        Prefetch.Ahead(block);
        Vector256<int> products = Pair(codes, values, scales, 0x0100, 0x0302) + Pair(codes + 32, values + 64, scales, 0x0504, 0x0706);
        Prefetch.Ahead(block + 48);
        products += Pair(codes + 64, values + 128, scales, 0x0908, 0x0B0A);
        Prefetch.Ahead(block + 96);
        products += Pair(codes + 96, values + 192, scales, 0x0D0C, 0x0F0E);
        Vector128<int> minimums = Sse2.MultiplyAddAdjacent(packed.GetUpper(), Vector128.Load(source->Sums32));
        Vector128<int> halves = products.GetLower() + products.GetUpper();
        return Sse2.UnpackLow(halves, minimums) + Sse2.UnpackHigh(halves, minimums);
    }

    /// <summary>The eight scales, then the eight minimums, of 12 bytes that lie behind two halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Unpack(byte* block)
    {
        Vector128<uint> words = Vector128.Load((uint*)block);
        Vector128<uint> low = Avx2.ShiftRightLogicalVariable(Sse2.Shuffle(words, 0b11_10_11_01), Vector128.Create(0u, 0, 0, 4));
        Vector128<uint> high = Sse2.Shuffle(words, 0b10_00_01_00) >>> 2;
        return ((low & Vector128.Create(0x3F3F_3F3Fu, 0x0F0F_0F0F, 0x3F3F_3F3F, 0x0F0F_0F0F))
            | (high & Vector128.Create(0u, 0x3030_3030, 0, 0x3030_3030))).AsByte();
    }

    /// <summary>
    /// Products of 32 low and 32 high codes with their scales, which a shuffle spreads: a 16-bit element of it names two bytes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Pair(byte* codes, sbyte* values, Vector256<byte> scales, short lowScale, short highScale)
    {
        Vector256<byte> both = Vector256.Load(codes), mask = Vector256.Create((byte)15);
        return Scaled(both & mask, values, scales, lowScale)
            + Scaled((both.AsUInt16() >>> 4).AsByte() & mask, values + 32, scales, highScale);
    }

    /// <summary>Products of 32 codes with their scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> Scaled(Vector256<byte> codes, sbyte* values, Vector256<byte> scales, short scale) =>
        Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(codes, Vector256.Load(values)), Avx2.Shuffle(scales, Vector256.Create(scale).AsByte()).AsInt16());
}

/// <summary>Sums of <see cref="Q5_K"/> with AVX2.</summary>
internal readonly unsafe struct Q5_KAvx2 : IBlock256Vectors, IBlock256Lanes
{
    private const int HighOffset = 16;
    private const int CodesOffset = 48;

    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q5_K);

    /// <inheritdoc/>
    public static int ScaleOffset => 0;

    /// <inheritdoc/>
    public static int MinimumScaleOffset => 2;

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
        Q4_KAvx2.StoreScales(block, row);
        Vector256<byte> mask = Vector256.Create((byte)15), bit = Vector256.Create((byte)1);
        Vector256<ushort> high = Vector256.Load(block + HighOffset).AsUInt16();
        for (int i = 0; i < 4; i++)
        {
            Vector256<byte> both = Vector256.Load(block + CodesOffset + (32 * i));
            Vector256<byte> first = (high >>> (2 * i)).AsByte() & bit, second = (high >>> ((2 * i) + 1)).AsByte() & bit;
            ((both & mask) | (first.AsUInt16() << 4).AsByte()).Store(row->Codes + (64 * i));
            (((both.AsUInt16() >>> 4).AsByte() & mask) | (second.AsUInt16() << 4).AsByte()).Store(row->Codes + (64 * i) + 32);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums(byte* block, ActivationBlock256* source)
    {
        Vector256<short> packed = Avx2.ConvertToVector256Int16(Q4_KAvx2.Unpack(block));
        Vector256<byte> scales = Vector256.Create(packed.GetLower(), packed.GetLower()).AsByte();
        Vector256<ushort> high = Vector256.Load(block + HighOffset).AsUInt16();
        byte* codes = block + CodesOffset;
        sbyte* values = source->Values;
        Prefetch.Ahead(block);
        Prefetch.Ahead(block + 56);
        Vector256<int> products = Pair(codes, high << 4, high << 3, values, scales, 0x0100, 0x0302);
        products += Pair(codes + 32, high << 2, high << 1, values + 64, scales, 0x0504, 0x0706);
        Prefetch.Ahead(block + 112);
        products += Pair(codes + 64, high, high >>> 1, values + 128, scales, 0x0908, 0x0B0A);
        products += Pair(codes + 96, high >>> 2, high >>> 3, values + 192, scales, 0x0D0C, 0x0F0E);
        Vector128<int> minimums = Sse2.MultiplyAddAdjacent(packed.GetUpper(), Vector128.Load(source->Sums32));
        Vector128<int> halves = products.GetLower() + products.GetUpper();
        return Sse2.UnpackLow(halves, minimums) + Sse2.UnpackHigh(halves, minimums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Pair(
        byte* codes, Vector256<ushort> lowBits, Vector256<ushort> highBits, sbyte* values, Vector256<byte> scales, short lowScale, short highScale)
    {
        Vector256<byte> both = Vector256.Load(codes), mask = Vector256.Create((byte)15), bit = Vector256.Create((byte)16);
        return Q4_KAvx2.Scaled((both & mask) | (lowBits.AsByte() & bit), values, scales, lowScale)
            + Q4_KAvx2.Scaled(((both.AsUInt16() >>> 4).AsByte() & mask) | (highBits.AsByte() & bit), values + 32, scales, highScale);
    }
}

/// <summary>Sums of <see cref="Q6_K"/> with AVX2.</summary>
internal readonly unsafe struct Q6_KAvx2 : IBlock256Vectors, IBlock256Lanes
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
    public static int SumsInShorts => 2;

    /// <inheritdoc/>
    public static bool HasMinimums => false;

    /// <inheritdoc/>
    public static int ZeroPointShift => 5;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* block, LaneRow256* row)
    {
        Vector256<short> scales = Avx2.ConvertToVector256Int16(Vector128.Load((sbyte*)block + SubScalesOffset));
        scales.Store(row->SumFactors);
        SmallSubBlocks.StoreScales(scales, row);
        row->Scale = HalfTable.ToSingle(*(ushort*)(block + ScaleOffset));
        Vector256<byte> mask = Vector256.Create((byte)15), highMask = Vector256.Create((byte)0x30);
        for (int half = 0; half < 2; half++)
        {
            byte* codes = row->Codes + (128 * half);
            Vector256<byte> first = Vector256.Load(block + (64 * half)), second = Vector256.Load(block + (64 * half) + 32);
            Vector256<ushort> bits = Vector256.Load(block + HighOffset + (32 * half)).AsUInt16();
            ((first & mask) | ((bits << 4).AsByte() & highMask)).Store(codes);
            ((second & mask) | ((bits << 2).AsByte() & highMask)).Store(codes + 32);
            (((first.AsUInt16() >>> 4).AsByte() & mask) | (bits.AsByte() & highMask)).Store(codes + 64);
            (((second.AsUInt16() >>> 4).AsByte() & mask) | ((bits >>> 2).AsByte() & highMask)).Store(codes + 96);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums(byte* block, ActivationBlock256* source)
    {
        Vector128<byte> scales = Vector128.Load(block + SubScalesOffset);
        Prefetch.Ahead(block);
        Prefetch.Ahead(block + 56);
        Vector256<int> products = Half(block, block + HighOffset, source->Values, scales, 0);
        Prefetch.Ahead(block + 112);
        Prefetch.Ahead(block + 160);
        products += Half(block + 64, block + HighOffset + 32, source->Values + 128, scales, 8);
        Vector256<int> zeroPoint = Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(scales.AsSByte()), Vector256.Load(source->Sums16));
        products -= zeroPoint << 5;
        Vector128<int> halves = products.GetLower() + products.GetUpper();
        return halves + Sse2.Shuffle(halves, 0b10_11_00_01);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Half(byte* low, byte* high, sbyte* values, Vector128<byte> scales, byte scale)
    {
        Vector256<byte> mask = Vector256.Create((byte)15), highMask = Vector256.Create((byte)0x30);
        Vector256<byte> first = Vector256.Load(low), second = Vector256.Load(low + 32);
        Vector256<ushort> bits = Vector256.Load(high).AsUInt16();
        return Scaled((first & mask) | ((bits << 4).AsByte() & highMask), values, scales, scale)
            + Scaled((second & mask) | ((bits << 2).AsByte() & highMask), values + 32, scales, (byte)(scale + 2))
            + Scaled(((first.AsUInt16() >>> 4).AsByte() & mask) | (bits.AsByte() & highMask), values + 64, scales, (byte)(scale + 4))
            + Scaled(((second.AsUInt16() >>> 4).AsByte() & mask) | ((bits >>> 2).AsByte() & highMask), values + 96, scales, (byte)(scale + 6));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Scaled(Vector256<byte> codes, sbyte* values, Vector128<byte> scales, byte scale)
    {
        Vector128<byte> spread = Ssse3.Shuffle(
            scales, Vector128.Create(scale * 0x0101_0101_0101_0101ul, (scale + 1ul) * 0x0101_0101_0101_0101ul).AsByte());
        return Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(codes, Vector256.Load(values)), Avx2.ConvertToVector256Int16(spread.AsSByte()));
    }
}
