using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul.Lanes;

/// <summary>A block of 256 weights, unpacked for <see cref="Block256Lanes"/>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 384)]
internal unsafe struct LaneRow256
{
    /// <summary>Unsigned codes.</summary>
    internal fixed byte Codes[256];

    /// <summary>The scale of each 16 columns, twice.</summary>
    internal fixed short Scales[32];

    /// <summary>The factor of each sum of 16 activations: minimums, or scales where the codes have a zero point.</summary>
    internal fixed short SumFactors[16];

    /// <summary>The scale of the scales.</summary>
    internal float Scale;

    /// <summary>The scale of the minimums.</summary>
    internal float MinimumScale;
}

/// <summary>A format of blocks of 256 as the kernels of many tokens consume it.</summary>
internal unsafe interface IBlock256Lanes
{
    /// <summary>Bytes of a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>How many products of two codes may be summed in 16 bits: 2, 4 or 8. With 8, 32 columns share a scale.</summary>
    static abstract int SumsInShorts { get; }

    /// <summary>Whether the format has minimums.</summary>
    static abstract bool HasMinimums { get; }

    /// <summary>The logarithm of the zero point of the unsigned codes, in a format without minimums.</summary>
    static abstract int ZeroPointShift { get; }

    /// <summary>Unpacks a block.</summary>
    static abstract void Unpack(byte* block, LaneRow256* row);
}

/// <summary>The kernels of many tokens for blocks of 256. The order of summation is that of <see cref="Block256Dot"/>.</summary>
internal static unsafe class Block256Lanes
{
    private const int RowsAtOnce = 4;

    /// <summary>Computes a tile: rows are unpacked once for all tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TFormat, TLanes, TVector>(MatMulTile* tile)
        where TFormat : struct, IBlock256Lanes
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        LaneTile plan = LaneTile.Rent(tile, sizeof(LaneRow256), TLanes.Count);
        LaneRow256* rows = (LaneRow256*)plan.Rows;
        int blocks = tile->Columns / ActivationBlock256.Elements;
        for (int block = 0; block < blocks; block++)
        {
            byte* weights = tile->Weights + (block * TFormat.BlockBytes);
            for (int row = 0; row < tile->Rows; row++)
            {
                byte* from = weights + (row * tile->RowBytes);
                TFormat.Unpack(from, rows + row);
                Prefetch.Block(from + TFormat.BlockBytes, TFormat.BlockBytes);
            }

            for (int vector = 0; vector < plan.Vectors; vector++)
            {
                byte* source = plan.Source(vector, block, LaneBlock.BlockBytes, blocks);
                for (int row = 0; row < tile->Rows; row += RowsAtOnce)
                {
                    Multiply<TFormat, TLanes, TVector>(rows + row, source, plan.Results(vector, row));
                }
            }
        }

        plan.Store(tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TFormat, TLanes, TVector>(LaneRow256* rows, byte* source, float* results)
        where TFormat : struct, IBlock256Lanes
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
            p0 = Scaled<TFormat, TLanes, TVector>(p0, rows, i, a0, a1, a2, a3, a4, a5, a6, a7);
            p1 = Scaled<TFormat, TLanes, TVector>(p1, rows + 1, i, a0, a1, a2, a3, a4, a5, a6, a7);
            p2 = Scaled<TFormat, TLanes, TVector>(p2, rows + 2, i, a0, a1, a2, a3, a4, a5, a6, a7);
            p3 = Scaled<TFormat, TLanes, TVector>(p3, rows + 3, i, a0, a1, a2, a3, a4, a5, a6, a7);
        }

        AddTo<TFormat, TLanes, TVector>(rows, p0, source, results);
        AddTo<TFormat, TLanes, TVector>(rows + 1, p1, source, results + TLanes.Count);
        AddTo<TFormat, TLanes, TVector>(rows + 2, p2, source, results + (2 * TLanes.Count));
        AddTo<TFormat, TLanes, TVector>(rows + 3, p3, source, results + (3 * TLanes.Count));
    }

    /// <summary>Adds the scaled products of 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Scaled<TFormat, TLanes, TVector>(
        TVector sum, LaneRow256* row, int part, TVector a0, TVector a1, TVector a2, TVector a3, TVector a4, TVector a5, TVector a6, TVector a7)
        where TFormat : struct, IBlock256Lanes
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        byte* codes = row->Codes + (part * 32);
        short* scales = row->Scales + (part * 4);
        if (TFormat.SumsInShorts == 8)
        {
            TVector all = TLanes.AddShorts(
                LaneSums.Four<TLanes, TVector>(codes, a0, a1, a2, a3), LaneSums.Four<TLanes, TVector>(codes + 16, a4, a5, a6, a7));
            return TLanes.Add(sum, TLanes.MultiplyShorts(all, TLanes.Broadcast(scales)));
        }

        TVector first = TLanes.Broadcast(scales), second = TLanes.Broadcast(scales + 2);
        if (TFormat.SumsInShorts == 4)
        {
            sum = TLanes.Add(sum, TLanes.MultiplyShorts(LaneSums.Four<TLanes, TVector>(codes, a0, a1, a2, a3), first));
            return TLanes.Add(sum, TLanes.MultiplyShorts(LaneSums.Four<TLanes, TVector>(codes + 16, a4, a5, a6, a7), second));
        }

        TVector low = TLanes.Add(
            TLanes.MultiplyShorts(LaneSums.Two<TLanes, TVector>(codes, a0, a1), first),
            TLanes.MultiplyShorts(LaneSums.Two<TLanes, TVector>(codes + 8, a2, a3), first));
        TVector high = TLanes.Add(
            TLanes.MultiplyShorts(LaneSums.Two<TLanes, TVector>(codes + 16, a4, a5), second),
            TLanes.MultiplyShorts(LaneSums.Two<TLanes, TVector>(codes + 24, a6, a7), second));
        return TLanes.Add(sum, TLanes.Add(low, high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo<TFormat, TLanes, TVector>(LaneRow256* row, TVector products, byte* source, float* results)
        where TFormat : struct, IBlock256Lanes
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        TVector sums = TLanes.Zero;
        for (int i = 0; i < 8; i++)
        {
            sums = TLanes.Add(sums, TLanes.MultiplyShorts(
                TLanes.Broadcast(row->SumFactors + (2 * i)), TLanes.Load(source + LaneBlock.BlockSums + (i * LaneBlock.VectorBytes))));
        }

        if (!TFormat.HasMinimums)
        {
            products = TLanes.SubtractShifted(products, sums, TFormat.ZeroPointShift);
        }

        TVector value = TLanes.Multiply(TLanes.ToFloats(products), TLanes.Broadcast(&row->Scale));
        if (TFormat.HasMinimums)
        {
            value = TLanes.MultiplySubtractFrom(TLanes.ToFloats(sums), TLanes.Broadcast(&row->MinimumScale), value);
        }

        TVector scale = TLanes.Load(source + LaneBlock.BlockScale);
        TLanes.Store(TLanes.MultiplyAdd(value, scale, TLanes.Load(results)), results);
    }
}
