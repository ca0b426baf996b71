using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.MatMul.Lanes;

namespace Hearth.Kernels.MatMul.Neon;

/// <summary>
/// The kernels of many tokens for blocks of 32, four tokens to a vector of 128 bits. The order of summation is that of
/// <see cref="Block32Dot"/>.
/// </summary>
internal static unsafe class NeonLanes32
{
    private const int Count = 4;
    private const int RowsAtOnce = 4;

    /// <summary>Computes a tile: rows are unpacked once for all tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TFormat>(MatMulTile* tile)
        where TFormat : struct, IBlock32Neon
    {
        LaneTile plan = LaneTile.Rent(tile, sizeof(NeonRow32), Count);
        NeonRow32* rows = (NeonRow32*)plan.Rows;
        float* table = TFormat.Table;
        int groups = (tile->Columns + ActivationGroup32.Elements - 1) / ActivationGroup32.Elements;
        for (int group = 0; group < groups; group++)
        {
            int blocks = Math.Min(ActivationGroup32.Blocks, (tile->Columns / ActivationGroup32.BlockElements) - (group * ActivationGroup32.Blocks));
            byte* weights = tile->Weights + (group * ActivationGroup32.Blocks * TFormat.BlockBytes);
            for (int row = 0; row < tile->Rows; row++)
            {
                NeonRow32.Unpack<TFormat>(weights + (row * tile->RowBytes), blocks, rows + row, table);
            }

            for (int vector = 0; vector < plan.Vectors; vector++)
            {
                byte* source = plan.Source(vector, group, LaneBlock.GroupBytes, groups);
                for (int row = 0; row < tile->Rows; row += RowsAtOnce)
                {
                    Multiply<TFormat>(rows + row, source, plan.Results(vector, row));
                }
            }
        }

        plan.Store(tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TFormat>(NeonRow32* rows, byte* source, float* results)
        where TFormat : struct, IBlock32Neon
    {
        // Starting sums at +0 gives the bits of the reference: at most the sign of a zero differs, which the results, never -0, absorb.
        for (int half = 0; half < 2; half++)
        {
            Vector128<float> sum0 = Vector128<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
            for (int block = half; block < half + 4; block += 2)
            {
                Vector128<float> pair0 = Vector128<float>.Zero, pair1 = pair0, pair2 = pair0, pair3 = pair0;
                for (int b = block; b < ActivationGroup32.Blocks; b += 4)
                {
                    byte* values = source + (b * 8 * LaneBlock.VectorBytes);
                    Vector128<sbyte> a0 = Values(values, 0), a1 = Values(values, 1), a2 = Values(values, 2), a3 = Values(values, 3);
                    Vector128<sbyte> a4 = Values(values, 4), a5 = Values(values, 5), a6 = Values(values, 6), a7 = Values(values, 7);
                    Vector128<float> scale = Vector128.Load((float*)(source + LaneBlock.GroupScales + (b * LaneBlock.VectorBytes)));
                    pair0 = Add(pair0, rows, b, scale, a0, a1, a2, a3, a4, a5, a6, a7);
                    pair1 = Add(pair1, rows + 1, b, scale, a0, a1, a2, a3, a4, a5, a6, a7);
                    pair2 = Add(pair2, rows + 2, b, scale, a0, a1, a2, a3, a4, a5, a6, a7);
                    pair3 = Add(pair3, rows + 3, b, scale, a0, a1, a2, a3, a4, a5, a6, a7);
                    if (TFormat.HasMinimum)
                    {
                        scale *= Vector128.ConvertToSingle(Vector128.Load((int*)(source + LaneBlock.GroupSums + (b * LaneBlock.VectorBytes))));
                        pair0 = Vector128.FusedMultiplyAdd(Vector128.Create(rows->Minimums[b]), scale, pair0);
                        pair1 = Vector128.FusedMultiplyAdd(Vector128.Create(rows[1].Minimums[b]), scale, pair1);
                        pair2 = Vector128.FusedMultiplyAdd(Vector128.Create(rows[2].Minimums[b]), scale, pair2);
                        pair3 = Vector128.FusedMultiplyAdd(Vector128.Create(rows[3].Minimums[b]), scale, pair3);
                    }
                }

                sum0 += pair0;
                sum1 += pair1;
                sum2 += pair2;
                sum3 += pair3;
            }

            (Vector128.Load(results) + sum0).Store(results);
            (Vector128.Load(results + Count) + sum1).Store(results + Count);
            (Vector128.Load(results + (2 * Count)) + sum2).Store(results + (2 * Count));
            (Vector128.Load(results + (3 * Count)) + sum3).Store(results + (3 * Count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Values(byte* values, int vector) => Vector128.Load((sbyte*)values + (vector * LaneBlock.VectorBytes));

    /// <summary>Adds a block's scaled products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Add(
        Vector128<float> sums,
        NeonRow32* row,
        int block,
        Vector128<float> scale,
        Vector128<sbyte> a0,
        Vector128<sbyte> a1,
        Vector128<sbyte> a2,
        Vector128<sbyte> a3,
        Vector128<sbyte> a4,
        Vector128<sbyte> a5,
        Vector128<sbyte> a6,
        Vector128<sbyte> a7)
    {
        sbyte* codes = row->Codes + (block * ActivationGroup32.BlockElements);
        Vector128<int> products = ByteDot.AddTokens(Vector128<int>.Zero, Vector128.Load(codes), a0, a1, a2, a3);
        products = ByteDot.AddTokens(products, Vector128.Load(codes + 16), a4, a5, a6, a7);
        return Vector128.FusedMultiplyAdd(Vector128.ConvertToSingle(products), Vector128.Create(row->Scales[block]) * scale, sums);
    }
}
