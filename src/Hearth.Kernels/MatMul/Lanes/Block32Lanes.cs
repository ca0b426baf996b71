using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul.Lanes;

/// <summary>256 columns of a row of weights in blocks of 32, unpacked for <see cref="Block32Lanes"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LaneRow32
{
    /// <summary>Unsigned codes; or signed ones in 16 bits, per block the even columns and then the odd ones.</summary>
    internal fixed byte Codes[512];

    /// <summary>A scale per block; 0 for blocks past the last column.</summary>
    internal fixed float Scales[8];

    /// <summary>A minimum per block, in formats that have them; 0 for blocks past the last column.</summary>
    internal fixed float Minimums[8];
}

/// <summary>A format of blocks of 32 as the kernels of many tokens consume it.</summary>
internal unsafe interface IBlock32Lanes : IBlock32Scales
{
    /// <summary>The logarithm of the zero point of the unsigned codes; 0 where there is none.</summary>
    static abstract int ZeroPointShift { get; }

    /// <summary>Whether products of codes with activations are too large to be summed in 16 bits.</summary>
    static abstract bool IsWide { get; }

    /// <summary>The unsigned codes of a block.</summary>
    static abstract Vector256<byte> Codes(byte* block);
}

/// <summary>The kernels of many tokens for blocks of 32. The order of summation is that of <see cref="Block32Dot"/>.</summary>
internal static unsafe class Block32Lanes
{
    private const int RowsAtOnce = 4;

    /// <summary>Computes a tile: rows are unpacked once for all tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TFormat, TLanes, TVector>(MatMulTile* tile)
        where TFormat : struct, IBlock32Lanes
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        LaneTile plan = LaneTile.Rent(tile, sizeof(LaneRow32), TLanes.Count);
        LaneRow32* rows = (LaneRow32*)plan.Rows;
        float* table = TFormat.Table;
        int groups = (tile->Columns + ActivationGroup32.Elements - 1) / ActivationGroup32.Elements;
        for (int group = 0; group < groups; group++)
        {
            int blocks = Math.Min(ActivationGroup32.Blocks, (tile->Columns / ActivationGroup32.BlockElements) - (group * ActivationGroup32.Blocks));
            byte* weights = tile->Weights + (group * ActivationGroup32.Blocks * TFormat.BlockBytes);
            for (int row = 0; row < tile->Rows; row++)
            {
                Unpack<TFormat>(weights + (row * tile->RowBytes), blocks, rows + row, table, TFormat.IsWide && !TLanes.HasDotBytes);
            }

            for (int vector = 0; vector < plan.Vectors; vector++)
            {
                byte* source = plan.Source(vector, group, LaneBlock.GroupBytes, groups);
                for (int row = 0; row < tile->Rows; row += RowsAtOnce)
                {
                    Multiply<TFormat, TLanes, TVector>(rows + row, source, plan.Results(vector, row));
                }
            }
        }

        plan.Store(tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unpack<TFormat>(byte* weights, int blocks, LaneRow32* row, float* table, bool wide)
        where TFormat : struct, IBlock32Lanes
    {
        for (int b = 0; b < blocks; b++, weights += TFormat.BlockBytes)
        {
            row->Scales[b] = TFormat.Scale(weights, table);
            row->Minimums[b] = TFormat.HasMinimum ? table[*(ushort*)(weights + 2)] : 0;
            Vector256<byte> codes = TFormat.Codes(weights);
            if (wide)
            {
                Vector256<short> signed = (codes ^ Vector256.Create((byte)0x80)).AsInt16();
                ((signed << 8) >> 8).Store((short*)row->Codes + (b * 32));
                (signed >> 8).Store((short*)row->Codes + (b * 32) + 16);
            }
            else
            {
                codes.Store(row->Codes + (b * 32));
            }
        }

        for (int b = blocks; b < ActivationGroup32.Blocks; b++)
        {
            row->Scales[b] = 0;
            row->Minimums[b] = 0;
        }

        Prefetch.Block(weights, ActivationGroup32.Blocks * TFormat.BlockBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TFormat, TLanes, TVector>(LaneRow32* rows, byte* source, float* results)
        where TFormat : struct, IBlock32Lanes
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        // Starting sums at +0 gives the bits of the reference: at most the sign of a zero differs, which the results, never -0, absorb.
        for (int h = 0; h < 2; h++)
        {
            TVector sum0 = TLanes.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
            for (int block = h; block < h + 4; block += 2)
            {
                TVector pair0 = TLanes.Zero, pair1 = pair0, pair2 = pair0, pair3 = pair0;
                for (int b = block; b < ActivationGroup32.Blocks; b += 4)
                {
                    Products<TFormat, TLanes, TVector>(rows, source, b, out TVector p0, out TVector p1, out TVector p2, out TVector p3);
                    TVector scale = TLanes.Load(source + LaneBlock.GroupScales + (b * LaneBlock.VectorBytes));
                    pair0 = TLanes.MultiplyAdd(TLanes.ToFloats(p0), Scale<TLanes, TVector>(rows, b, scale), pair0);
                    pair1 = TLanes.MultiplyAdd(TLanes.ToFloats(p1), Scale<TLanes, TVector>(rows + 1, b, scale), pair1);
                    pair2 = TLanes.MultiplyAdd(TLanes.ToFloats(p2), Scale<TLanes, TVector>(rows + 2, b, scale), pair2);
                    pair3 = TLanes.MultiplyAdd(TLanes.ToFloats(p3), Scale<TLanes, TVector>(rows + 3, b, scale), pair3);
                    if (TFormat.HasMinimum)
                    {
                        TVector sums = TLanes.Load(source + LaneBlock.GroupSums + (b * LaneBlock.VectorBytes));
                        sums = TLanes.Multiply(TLanes.ToFloats(sums), scale);
                        pair0 = TLanes.MultiplyAdd(TLanes.Broadcast(rows->Minimums + b), sums, pair0);
                        pair1 = TLanes.MultiplyAdd(TLanes.Broadcast(rows[1].Minimums + b), sums, pair1);
                        pair2 = TLanes.MultiplyAdd(TLanes.Broadcast(rows[2].Minimums + b), sums, pair2);
                        pair3 = TLanes.MultiplyAdd(TLanes.Broadcast(rows[3].Minimums + b), sums, pair3);
                    }
                }

                sum0 = TLanes.AddFloats(sum0, pair0);
                sum1 = TLanes.AddFloats(sum1, pair1);
                sum2 = TLanes.AddFloats(sum2, pair2);
                sum3 = TLanes.AddFloats(sum3, pair3);
            }

            AddTo<TLanes, TVector>(results, sum0);
            AddTo<TLanes, TVector>(results + TLanes.Count, sum1);
            AddTo<TLanes, TVector>(results + (2 * TLanes.Count), sum2);
            AddTo<TLanes, TVector>(results + (3 * TLanes.Count), sum3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Scale<TLanes, TVector>(LaneRow32* row, int block, TVector scale)
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct => TLanes.Multiply(TLanes.Broadcast(row->Scales + block), scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo<TLanes, TVector>(float* results, TVector sum)
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct => TLanes.Store(TLanes.AddFloats(TLanes.Load(results), sum), results);

    /// <summary>A block's integer products with four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Products<TFormat, TLanes, TVector>(
        LaneRow32* rows, byte* source, int block, out TVector p0, out TVector p1, out TVector p2, out TVector p3)
        where TFormat : struct, IBlock32Lanes
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        byte* values = source + (block * 8 * LaneBlock.VectorBytes);
        if (TFormat.IsWide && !TLanes.HasDotBytes)
        {
            byte* codes = rows->Codes + (block * 64);
            (p0, p1, p2, p3) = (TLanes.Zero, TLanes.Zero, TLanes.Zero, TLanes.Zero);
            for (int i = 0; i < 8; i++, codes += 4)
            {
                TVector both = TLanes.Load(values + (i * LaneBlock.VectorBytes));
                TVector even = TLanes.EvenBytes(both), odd = TLanes.OddBytes(both);
                p0 = Wide<TLanes, TVector>(p0, codes, even, odd);
                p1 = Wide<TLanes, TVector>(p1, codes + sizeof(LaneRow32), even, odd);
                p2 = Wide<TLanes, TVector>(p2, codes + (2 * sizeof(LaneRow32)), even, odd);
                p3 = Wide<TLanes, TVector>(p3, codes + (3 * sizeof(LaneRow32)), even, odd);
            }
        }
        else
        {
            byte* codes = rows->Codes + (block * 32);
            TVector start = TLanes.Zero;
            if (TFormat.ZeroPointShift > 0)
            {
                start = TLanes.SubtractShifted(start, TLanes.Load(source + LaneBlock.GroupSums + (block * LaneBlock.VectorBytes)), TFormat.ZeroPointShift);
            }

            TVector a0 = TLanes.Load(values), a1 = TLanes.Load(values + LaneBlock.VectorBytes);
            TVector a2 = TLanes.Load(values + (2 * LaneBlock.VectorBytes)), a3 = TLanes.Load(values + (3 * LaneBlock.VectorBytes));
            TVector a4 = TLanes.Load(values + (4 * LaneBlock.VectorBytes)), a5 = TLanes.Load(values + (5 * LaneBlock.VectorBytes));
            TVector a6 = TLanes.Load(values + (6 * LaneBlock.VectorBytes)), a7 = TLanes.Load(values + (7 * LaneBlock.VectorBytes));
            p0 = Narrow<TLanes, TVector>(start, codes, a0, a1, a2, a3, a4, a5, a6, a7);
            p1 = Narrow<TLanes, TVector>(start, codes + sizeof(LaneRow32), a0, a1, a2, a3, a4, a5, a6, a7);
            p2 = Narrow<TLanes, TVector>(start, codes + (2 * sizeof(LaneRow32)), a0, a1, a2, a3, a4, a5, a6, a7);
            p3 = Narrow<TLanes, TVector>(start, codes + (3 * sizeof(LaneRow32)), a0, a1, a2, a3, a4, a5, a6, a7);
        }
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
    private static TVector Narrow<TLanes, TVector>(
        TVector start, byte* codes, TVector a0, TVector a1, TVector a2, TVector a3, TVector a4, TVector a5, TVector a6, TVector a7)
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct
    {
        if (TLanes.HasDotBytes)
        {
            TVector low = TLanes.DotBytes(start, TLanes.Broadcast(codes), a0);
            TVector high = TLanes.DotBytes(TLanes.Zero, TLanes.Broadcast(codes + 4), a1);
            low = TLanes.DotBytes(low, TLanes.Broadcast(codes + 8), a2);
            high = TLanes.DotBytes(high, TLanes.Broadcast(codes + 12), a3);
            low = TLanes.DotBytes(low, TLanes.Broadcast(codes + 16), a4);
            high = TLanes.DotBytes(high, TLanes.Broadcast(codes + 20), a5);
            low = TLanes.DotBytes(low, TLanes.Broadcast(codes + 24), a6);
            high = TLanes.DotBytes(high, TLanes.Broadcast(codes + 28), a7);
            return TLanes.Add(low, high);
        }

        // Codes below 32: four products of two, at most 4 * 2 * 31 * 127, fit in 16 bits.
        TVector first = LaneSums.Four<TLanes, TVector>(codes, a0, a1, a2, a3);
        TVector second = LaneSums.Four<TLanes, TVector>(codes + 16, a4, a5, a6, a7);
        start = TLanes.Add(start, TLanes.MultiplyShorts(first, TLanes.OneShorts));
        return TLanes.Add(start, TLanes.MultiplyShorts(second, TLanes.OneShorts));
    }
}
