using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.MatMul.Neon;

namespace Hearth.Kernels.MatMul;

internal static unsafe partial class Block32Dot
{
    /// <summary>The kernel for vectors of 128 bits. Of several tokens, eight blocks are unpacked once for all of the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Neon<TFormat>(MatMulTile* tile)
        where TFormat : struct, IBlock32Neon
    {
        float* table = TFormat.Table;
        for (int row = 0; row < tile->Rows; row++)
        {
            byte* weights = tile->Weights + (row * tile->RowBytes);
            if (tile->Tokens == 1)
            {
                tile->Destination[row] = NeonRow<TFormat>(weights, (ActivationGroup32*)tile->Source, tile->Columns, table);
            }
            else
            {
                NeonRows<TFormat>(weights, tile, row, table);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float NeonRow<TFormat>(byte* weights, ActivationGroup32* source, int columns, float* table)
        where TFormat : struct, IBlock32Neon
    {
        byte* zeros = stackalloc byte[LargestBlockBytes];
        int bytes = TFormat.BlockBytes;
        float sum = 0;
        for (; columns >= ActivationGroup32.Elements; columns -= ActivationGroup32.Elements, source++, weights += ActivationGroup32.Blocks * bytes)
        {
            byte* behind = weights + (4 * bytes);
            Vector128<float> pairs = First<TFormat>(
                source, weights, weights + bytes, weights + (2 * bytes), weights + (3 * bytes), table);
            sum = Add(sum, Second<TFormat>(pairs, source, behind, behind + bytes, behind + (2 * bytes), behind + (3 * bytes), table));
        }

        if (columns > 0)
        {
            // Missing blocks are read as zeros.
            new Span<byte>(zeros, LargestBlockBytes).Clear();
            byte** blocks = stackalloc byte*[ActivationGroup32.Blocks];
            for (int b = 0; b < ActivationGroup32.Blocks; b++, columns -= ActivationGroup32.BlockElements)
            {
                blocks[b] = columns > 0 ? weights + (b * bytes) : zeros;
            }

            Vector128<float> pairs = First<TFormat>(source, blocks[0], blocks[1], blocks[2], blocks[3], table);
            sum = Add(sum, Second<TFormat>(pairs, source, blocks[4], blocks[5], blocks[6], blocks[7], table));
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NeonRows<TFormat>(byte* weights, MatMulTile* tile, int row, float* table)
        where TFormat : struct, IBlock32Neon
    {
        NeonRow32 unpacked;
        for (int column = 0; column < tile->Columns; column += ActivationGroup32.Elements, weights += ActivationGroup32.Blocks * TFormat.BlockBytes)
        {
            NeonRow32.Unpack<TFormat>(weights, Math.Min(ActivationGroup32.Blocks, (tile->Columns - column) / ActivationGroup32.BlockElements), &unpacked, table);
            byte* at = tile->Source + (column / ActivationGroup32.Elements * sizeof(ActivationGroup32));
            float* destination = tile->Destination + row;
            for (int token = 0; token < tile->Tokens; token++, at += tile->SourceBytes, destination += tile->DestinationStride)
            {
                ActivationGroup32* source = (ActivationGroup32*)at;
                Vector128<float> pairs = Products(unpacked.Codes, source->Values) * (Vector128.Load(unpacked.Scales) * Vector128.Load(source->Scales));
                if (TFormat.HasMinimum)
                {
                    pairs = Vector128.FusedMultiplyAdd(Vector128.Load(unpacked.Minimums), ScaledSums128(source, 0), pairs);
                }

                Vector128<float> scales = Vector128.Load(unpacked.Scales + 4) * Vector128.Load(source->Scales + 4);
                pairs = Vector128.FusedMultiplyAdd(Products(unpacked.Codes + 128, source->Values + 128), scales, pairs);
                if (TFormat.HasMinimum)
                {
                    pairs = Vector128.FusedMultiplyAdd(Vector128.Load(unpacked.Minimums + 4), ScaledSums128(source, 4), pairs);
                }

                *destination = Add(column == 0 ? 0 : *destination, pairs);
            }
        }
    }

    /// <summary>Blocks 0 to 3 of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> First<TFormat>(
        ActivationGroup32* source, byte* block0, byte* block1, byte* block2, byte* block3, float* table)
        where TFormat : struct, IBlock32Neon
    {
        Vector128<float> pairs = Products<TFormat>(block0, block1, block2, block3, source->Values)
            * (Scales128<TFormat>(block0, block1, block2, block3, table) * Vector128.Load(source->Scales));
        return TFormat.HasMinimum
            ? Vector128.FusedMultiplyAdd(Minimums(block0, block1, block2, block3, table), ScaledSums128(source, 0), pairs)
            : pairs;
    }

    /// <summary>Adds blocks 4 to 7 of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Second<TFormat>(
        Vector128<float> pairs, ActivationGroup32* source, byte* block4, byte* block5, byte* block6, byte* block7, float* table)
        where TFormat : struct, IBlock32Neon
    {
        Vector128<float> scales = Scales128<TFormat>(block4, block5, block6, block7, table) * Vector128.Load(source->Scales + 4);
        pairs = Vector128.FusedMultiplyAdd(Products<TFormat>(block4, block5, block6, block7, source->Values + 128), scales, pairs);
        return TFormat.HasMinimum
            ? Vector128.FusedMultiplyAdd(Minimums(block4, block5, block6, block7, table), ScaledSums128(source, 4), pairs)
            : pairs;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Add(float sum, Vector128<float> pairs)
    {
        sum += pairs.GetElement(0) + pairs.GetElement(2);
        return sum + (pairs.GetElement(1) + pairs.GetElement(3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Scales128<TFormat>(byte* block0, byte* block1, byte* block2, byte* block3, float* table)
        where TFormat : struct, IBlock32Neon =>
        Vector128.Create(TFormat.Scale(block0, table), TFormat.Scale(block1, table), TFormat.Scale(block2, table), TFormat.Scale(block3, table));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ScaledSums128(ActivationGroup32* source, int block) =>
        Vector128.Load(source->Scales + block) * Vector128.ConvertToSingle(Vector128.Load(source->Sums + block));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Products<TFormat>(byte* block0, byte* block1, byte* block2, byte* block3, sbyte* values)
        where TFormat : struct, IBlock32Neon => Sums(
            Product<TFormat>(block0, values), Product<TFormat>(block1, values + 32), Product<TFormat>(block2, values + 64), Product<TFormat>(block3, values + 96));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Products(sbyte* codes, sbyte* values) => Sums(
        Product(codes, values), Product(codes + 32, values + 32), Product(codes + 64, values + 64), Product(codes + 96, values + 96));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Product<TFormat>(byte* block, sbyte* values)
        where TFormat : struct, IBlock32Neon
    {
        TFormat.Load(block, out Vector128<sbyte> first, out Vector128<sbyte> last);
        return ByteDot.Add(ByteDot.Add(Vector128<int>.Zero, first, Vector128.Load(values)), last, Vector128.Load(values + 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Product(sbyte* codes, sbyte* values) => ByteDot.Add(
        ByteDot.Add(Vector128<int>.Zero, Vector128.Load(codes), Vector128.Load(values)), Vector128.Load(codes + 16), Vector128.Load(values + 16));

    /// <summary>The sum of each vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sums(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d) =>
        Vector128.ConvertToSingle(ByteDot.AddPairwise(ByteDot.AddPairwise(a, b), ByteDot.AddPairwise(c, d)));
}
