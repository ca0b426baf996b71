using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul.Lanes;

/// <summary>A block of 256 weights of up to 8 bits, unpacked for <see cref="Block256WideLanes"/>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 640)]
internal unsafe struct LaneRowWide256
{
    /// <summary>
    /// Unsigned codes with the zero point 128; or codes times their scales in 16 bits, per 32 columns the even ones and then the odd ones.
    /// </summary>
    internal fixed byte Codes[512];

    /// <summary>The scale of each 16 columns.</summary>
    internal fixed int Scales[16];

    /// <summary>The scales in 16 bits.</summary>
    internal fixed short SumFactors[16];

    /// <summary>The scale of the scales.</summary>
    internal float Scale;
}

/// <summary>
/// The kernels of many tokens for blocks of 256 whose products are too large to be summed in 16 bits, in formats without minimums. The
/// order of summation is that of <see cref="Block256Dot"/>.
/// </summary>
internal static unsafe class Block256WideLanes
{
    private const int RowsAtOnce = 4;
    private const int ZeroPointShift = 7;

    /// <summary>Computes a tile: rows are unpacked once for all tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TCodes, TLanes, TVector>(MatMulTile* tile)
        where TCodes : struct, IBlock256Codes
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        LaneTile plan = LaneTile.Rent(tile, sizeof(LaneRowWide256), TLanes.Count);
        LaneRowWide256* rows = (LaneRowWide256*)plan.Rows;
        Block256 unpacked = default;
        int blocks = tile->Columns / ActivationBlock256.Elements;
        for (int block = 0; block < blocks; block++)
        {
            byte* weights = tile->Weights + (block * TCodes.BlockBytes);
            for (int row = 0; row < tile->Rows; row++)
            {
                byte* from = weights + (row * tile->RowBytes);
                TCodes.Unpack(from, &unpacked);
                Prefetch.Block(from + TCodes.BlockBytes, TCodes.BlockBytes);
                Spread(&unpacked, rows + row, !TLanes.HasDotBytes);
            }

            for (int vector = 0; vector < plan.Vectors; vector++)
            {
                byte* source = plan.Source(vector, block, LaneBlock.BlockBytes, blocks);
                for (int row = 0; row < tile->Rows; row += RowsAtOnce)
                {
                    if (TLanes.HasDotBytes)
                    {
                        Multiply<TCodes, TLanes, TVector>(rows + row, source, plan.Results(vector, row));
                    }
                    else
                    {
                        MultiplyShorts<TLanes, TVector>(rows + row, source, plan.Results(vector, row));
                    }
                }
            }
        }

        plan.Store(tile);
    }

    /// <summary>Turns an unpacked block into what is multiplied.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(Block256* block, LaneRowWide256* row, bool multiply)
    {
        row->Scale = block->Scale;
        Vector128<sbyte> packed = Vector128.Load(block->Scales);
        if (!multiply)
        {
            for (int i = 0; i < ActivationBlock256.Elements; i += 32)
            {
                (Vector256.Load((byte*)block->Codes + i) ^ Vector256.Create((byte)0x80)).Store(row->Codes + i);
            }

            Vector256<short> scales = Avx2.ConvertToVector256Int16(packed);
            scales.Store(row->SumFactors);
            Avx2.ConvertToVector256Int32(scales.GetLower()).Store(row->Scales);
            Avx2.ConvertToVector256Int32(scales.GetUpper()).Store(row->Scales + 8);
            return;
        }

        Vector256<byte> order = SmallSubBlocks.Interleave(packed);
        for (int pair = 0; pair < 8; pair++)
        {
            Vector256<short> scale = Avx2.Shuffle(order, Vector256.Create((short)(0x0100 + (0x0202 * pair))).AsByte()).AsInt16();
            Vector256<short> codes = Vector256.Load((short*)block->Codes + (16 * pair));
            (((codes << 8) >> 8) * scale).Store((short*)row->Codes + (32 * pair));
            ((codes >> 8) * scale).Store((short*)row->Codes + (32 * pair) + 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TCodes, TLanes, TVector>(LaneRowWide256* rows, byte* source, float* results)
        where TCodes : struct, IBlock256Codes
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        TVector p0 = TLanes.Zero, p1 = p0, p2 = p0, p3 = p0;
        byte* values = source;
        for (int i = 0; i < 8; i++, values += 8 * LaneBlock.VectorBytes)
        {
            TVector a0 = TLanes.Load(values), a1 = TLanes.Load(values + LaneBlock.VectorBytes);
            TVector a2 = TLanes.Load(values + (2 * LaneBlock.VectorBytes)), a3 = TLanes.Load(values + (3 * LaneBlock.VectorBytes));
            TVector a4 = TLanes.Load(values + (4 * LaneBlock.VectorBytes)), a5 = TLanes.Load(values + (5 * LaneBlock.VectorBytes));
            TVector a6 = TLanes.Load(values + (6 * LaneBlock.VectorBytes)), a7 = TLanes.Load(values + (7 * LaneBlock.VectorBytes));
            p0 = Scaled<TCodes, TLanes, TVector>(p0, rows, i, a0, a1, a2, a3, a4, a5, a6, a7);
            p1 = Scaled<TCodes, TLanes, TVector>(p1, rows + 1, i, a0, a1, a2, a3, a4, a5, a6, a7);
            p2 = Scaled<TCodes, TLanes, TVector>(p2, rows + 2, i, a0, a1, a2, a3, a4, a5, a6, a7);
            p3 = Scaled<TCodes, TLanes, TVector>(p3, rows + 3, i, a0, a1, a2, a3, a4, a5, a6, a7);
        }

        AddTo<TLanes, TVector>(rows, WithoutZeroPoint<TLanes, TVector>(rows, p0, source), source, results);
        AddTo<TLanes, TVector>(rows + 1, WithoutZeroPoint<TLanes, TVector>(rows + 1, p1, source), source, results + TLanes.Count);
        AddTo<TLanes, TVector>(rows + 2, WithoutZeroPoint<TLanes, TVector>(rows + 2, p2, source), source, results + (2 * TLanes.Count));
        AddTo<TLanes, TVector>(rows + 3, WithoutZeroPoint<TLanes, TVector>(rows + 3, p3, source), source, results + (3 * TLanes.Count));
    }

    /// <summary>Adds the scaled products of 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Scaled<TCodes, TLanes, TVector>(
        TVector sum, LaneRowWide256* row, int part, TVector a0, TVector a1, TVector a2, TVector a3, TVector a4, TVector a5, TVector a6, TVector a7)
        where TCodes : struct, IBlock256Codes
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        byte* codes = row->Codes + (part * 32);
        int* scales = row->Scales + (part * 2);
        TVector first = TLanes.DotBytes(TLanes.Zero, TLanes.Broadcast(codes), a0);
        TVector second = TLanes.DotBytes(TLanes.Zero, TLanes.Broadcast(codes + 16), a4);
        first = TLanes.DotBytes(first, TLanes.Broadcast(codes + 4), a1);
        second = TLanes.DotBytes(second, TLanes.Broadcast(codes + 20), a5);
        first = TLanes.DotBytes(first, TLanes.Broadcast(codes + 8), a2);
        second = TLanes.DotBytes(second, TLanes.Broadcast(codes + 24), a6);
        first = TLanes.DotBytes(first, TLanes.Broadcast(codes + 12), a3);
        second = TLanes.DotBytes(second, TLanes.Broadcast(codes + 28), a7);
        if (TCodes.SubBlock == 32)
        {
            return TLanes.Add(sum, TLanes.MultiplyInts(TLanes.Add(first, second), TLanes.Broadcast(scales)));
        }

        sum = TLanes.Add(sum, TLanes.MultiplyInts(first, TLanes.Broadcast(scales)));
        return TLanes.Add(sum, TLanes.MultiplyInts(second, TLanes.Broadcast(scales + 1)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector WithoutZeroPoint<TLanes, TVector>(LaneRowWide256* row, TVector products, byte* source)
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        TVector sums = TLanes.Zero;
        for (int i = 0; i < 8; i++)
        {
            sums = TLanes.Add(sums, TLanes.MultiplyShorts(
                TLanes.Broadcast(row->SumFactors + (2 * i)), TLanes.Load(source + LaneBlock.BlockSums + (i * LaneBlock.VectorBytes))));
        }

        return TLanes.SubtractShifted(products, sums, ZeroPointShift);
    }

    /// <summary>The kernel without <see cref="ILaneOperations{TVector}.DotBytes"/>: in 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyShorts<TLanes, TVector>(LaneRowWide256* rows, byte* source, float* results)
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        TVector p0 = TLanes.Zero, p1 = p0, p2 = p0, p3 = p0;
        byte* values = source;
        for (int part = 0; part < 8; part++)
        {
            byte* codes = rows->Codes + (64 * part);
            for (int i = 0; i < 8; i++, codes += 4, values += LaneBlock.VectorBytes)
            {
                TVector both = TLanes.Load(values), even = TLanes.EvenBytes(both), odd = TLanes.OddBytes(both);
                p0 = Wide<TLanes, TVector>(p0, codes, even, odd);
                p1 = Wide<TLanes, TVector>(p1, codes + sizeof(LaneRowWide256), even, odd);
                p2 = Wide<TLanes, TVector>(p2, codes + (2 * sizeof(LaneRowWide256)), even, odd);
                p3 = Wide<TLanes, TVector>(p3, codes + (3 * sizeof(LaneRowWide256)), even, odd);
            }
        }

        AddTo<TLanes, TVector>(rows, p0, source, results);
        AddTo<TLanes, TVector>(rows + 1, p1, source, results + TLanes.Count);
        AddTo<TLanes, TVector>(rows + 2, p2, source, results + (2 * TLanes.Count));
        AddTo<TLanes, TVector>(rows + 3, p3, source, results + (3 * TLanes.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Wide<TLanes, TVector>(TVector sum, byte* codes, TVector even, TVector odd)
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        sum = TLanes.Add(sum, TLanes.MultiplyShorts(TLanes.Broadcast(codes), even));
        return TLanes.Add(sum, TLanes.MultiplyShorts(TLanes.Broadcast(codes + 32), odd));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo<TLanes, TVector>(LaneRowWide256* row, TVector products, byte* source, float* results)
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        TVector value = TLanes.Multiply(TLanes.ToFloats(products), TLanes.Broadcast(&row->Scale));
        TLanes.Store(TLanes.MultiplyAdd(value, TLanes.Load(source + LaneBlock.BlockScale), TLanes.Load(results)), results);
    }
}
