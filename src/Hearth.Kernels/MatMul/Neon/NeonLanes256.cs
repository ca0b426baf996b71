using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.MatMul.Lanes;

namespace Hearth.Kernels.MatMul.Neon;

/// <summary>
/// The kernels of many tokens for blocks of 256, four tokens to a vector of 128 bits. The order of summation is that of
/// <see cref="Block256Dot"/>.
/// </summary>
internal static unsafe class NeonLanes256
{
    private const int Count = 4;
    private const int RowsAtOnce = 4;
    private const int Parts = ActivationBlock256.Elements / 32;

    /// <summary>Computes a tile: rows are unpacked once for all tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TCodes>(MatMulTile* tile)
        where TCodes : struct, IBlock256Codes
    {
        LaneTile plan = LaneTile.Rent(tile, sizeof(NeonRow256), Count);
        NeonRow256* rows = (NeonRow256*)plan.Rows;
        int blocks = tile->Columns / ActivationBlock256.Elements;
        for (int block = 0; block < blocks; block++)
        {
            byte* weights = tile->Weights + (block * TCodes.BlockBytes);
            for (int row = 0; row < tile->Rows; row++)
            {
                NeonRow256.Unpack<TCodes>(weights + (row * tile->RowBytes), rows + row);
            }

            for (int vector = 0; vector < plan.Vectors; vector++)
            {
                byte* source = plan.Source(vector, block, LaneBlock.BlockBytes, blocks);
                for (int row = 0; row < tile->Rows; row += RowsAtOnce)
                {
                    Multiply<TCodes>(rows + row, source, plan.Results(vector, row));
                }
            }
        }

        plan.Store(tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TCodes>(NeonRow256* rows, byte* source, float* results)
        where TCodes : struct, IBlock256Codes
    {
        Vector128<int> p0 = Vector128<int>.Zero, p1 = p0, p2 = p0, p3 = p0;
        byte* values = source;
        for (int part = 0; part < Parts; part++, values += 8 * LaneBlock.VectorBytes)
        {
            Vector128<sbyte> a0 = Values(values, 0), a1 = Values(values, 1), a2 = Values(values, 2), a3 = Values(values, 3);
            Vector128<sbyte> a4 = Values(values, 4), a5 = Values(values, 5), a6 = Values(values, 6), a7 = Values(values, 7);
            p0 = Scaled<TCodes>(p0, rows, part, a0, a1, a2, a3, a4, a5, a6, a7);
            p1 = Scaled<TCodes>(p1, rows + 1, part, a0, a1, a2, a3, a4, a5, a6, a7);
            p2 = Scaled<TCodes>(p2, rows + 2, part, a0, a1, a2, a3, a4, a5, a6, a7);
            p3 = Scaled<TCodes>(p3, rows + 3, part, a0, a1, a2, a3, a4, a5, a6, a7);
        }

        Vector128<int> m0 = Vector128<int>.Zero, m1 = m0, m2 = m0, m3 = m0;
        for (int part = 0; TCodes.HasMinimums && part < Parts; part++)
        {
            Vector128<short> sums = Vector128.Load((short*)(source + LaneBlock.BlockSums + (part * LaneBlock.VectorBytes)));
            Vector128<int> first = TCodes.SubBlock == 32 ? ByteDot.AddPairs(sums) : (sums.AsInt32() << 16) >> 16, last = sums.AsInt32() >> 16;
            m0 = Minimums<TCodes>(m0, rows, part, first, last);
            m1 = Minimums<TCodes>(m1, rows + 1, part, first, last);
            m2 = Minimums<TCodes>(m2, rows + 2, part, first, last);
            m3 = Minimums<TCodes>(m3, rows + 3, part, first, last);
        }

        Vector128<float> scale = Vector128.Load((float*)(source + LaneBlock.BlockScale));
        AddTo<TCodes>(results, rows, p0, m0, scale);
        AddTo<TCodes>(results + Count, rows + 1, p1, m1, scale);
        AddTo<TCodes>(results + (2 * Count), rows + 2, p2, m2, scale);
        AddTo<TCodes>(results + (3 * Count), rows + 3, p3, m3, scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Values(byte* values, int vector) => Vector128.Load((sbyte*)values + (vector * LaneBlock.VectorBytes));

    /// <summary>Adds the scaled products of 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Scaled<TCodes>(
        Vector128<int> sums,
        NeonRow256* row,
        int part,
        Vector128<sbyte> a0,
        Vector128<sbyte> a1,
        Vector128<sbyte> a2,
        Vector128<sbyte> a3,
        Vector128<sbyte> a4,
        Vector128<sbyte> a5,
        Vector128<sbyte> a6,
        Vector128<sbyte> a7)
        where TCodes : struct, IBlock256Codes
    {
        sbyte* codes = row->Block.Codes + (32 * part);
        int* scales = row->Scales + (2 * part);
        Vector128<int> products = ByteDot.AddTokens(Vector128<int>.Zero, Vector128.Load(codes), a0, a1, a2, a3);
        if (TCodes.SubBlock == 32)
        {
            products = ByteDot.AddTokens(products, Vector128.Load(codes + 16), a4, a5, a6, a7);
            return ByteDot.AddProducts(sums, products, Vector128.Create(scales[0]));
        }

        sums = ByteDot.AddProducts(sums, products, Vector128.Create(scales[0]));
        products = ByteDot.AddTokens(Vector128<int>.Zero, Vector128.Load(codes + 16), a4, a5, a6, a7);
        return ByteDot.AddProducts(sums, products, Vector128.Create(scales[1]));
    }

    /// <summary>Adds the products of minimums and sums of activations of 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Minimums<TCodes>(Vector128<int> sums, NeonRow256* row, int part, Vector128<int> first, Vector128<int> last)
        where TCodes : struct, IBlock256Codes
    {
        sums = ByteDot.AddProducts(sums, first, Vector128.Create(row->Minimums[2 * part]));
        return TCodes.SubBlock == 32 ? sums : ByteDot.AddProducts(sums, last, Vector128.Create(row->Minimums[(2 * part) + 1]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo<TCodes>(float* results, NeonRow256* row, Vector128<int> products, Vector128<int> minimums, Vector128<float> scale)
        where TCodes : struct, IBlock256Codes
    {
        Vector128<float> value = Vector128.ConvertToSingle(products) * row->Block.Scale;
        if (TCodes.HasMinimums)
        {
            value = Vector128.FusedMultiplyAdd(-Vector128.ConvertToSingle(minimums), Vector128.Create(row->Block.MinimumScale), value);
        }

        Vector128.FusedMultiplyAdd(value, scale, Vector128.Load(results)).Store(results);
    }
}
