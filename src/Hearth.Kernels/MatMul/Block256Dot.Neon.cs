using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul.Neon;

namespace Hearth.Kernels.MatMul;

internal static unsafe partial class Block256Dot
{
    /// <summary>The kernel for vectors of 128 bits of the formats whose codes are unpacked in registers, where there is one token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void NeonVectors<TFormat>(MatMulTile* tile)
        where TFormat : struct, IBlock256Neon
    {
        if (tile->Tokens > 1)
        {
            Neon<TFormat>(tile);
            return;
        }

        float* halves = HalfTable.Pointer;
        byte* weights = tile->Weights;
        int blocks = tile->Columns / ActivationBlock256.Elements;
        for (int row = 0; row < tile->Rows; row++, weights += tile->RowBytes)
        {
            tile->Destination[row] = NeonRow<TFormat>(weights, (ActivationBlock256*)tile->Source, blocks, halves);
        }
    }

    /// <summary>The kernel for vectors of 128 bits: a block is unpacked once for all tokens of the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Neon<TCodes>(MatMulTile* tile)
        where TCodes : struct, IBlock256Codes
    {
        Block256 block = default;
        for (int row = 0; row < tile->Rows; row++)
        {
            byte* weights = tile->Weights + (row * tile->RowBytes);
            for (int i = 0; i < tile->Columns / ActivationBlock256.Elements; i++, weights += TCodes.BlockBytes)
            {
                TCodes.Unpack(weights, &block);
                byte* source = tile->Source + (i * sizeof(ActivationBlock256));
                float* destination = tile->Destination + row;
                for (int token = 0; token < tile->Tokens; token++, source += tile->SourceBytes, destination += tile->DestinationStride)
                {
                    *destination = Add<TCodes>(&block, (ActivationBlock256*)source, i == 0 ? 0 : *destination);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float NeonRow<TFormat>(byte* weights, ActivationBlock256* source, int blocks, float* halves)
        where TFormat : struct, IBlock256Neon
    {
        float sum = 0;
        for (; blocks > 0; blocks--, source++, weights += TFormat.BlockBytes)
        {
            Vector128<sbyte> bytes = TFormat.Scales(weights);
            Vector128<short> low = Vector128.WidenLower(bytes), high = Vector128.WidenUpper(bytes);
            Vector128<int> even = Vector128<int>.Zero, odd = even, scales = Vector128.WidenLower(low);
            even = Part<TFormat>(even, weights, 0, source->Values, scales, 0, 1);
            odd = Part<TFormat>(odd, weights, 1, source->Values, scales, 2, 3);
            scales = Vector128.WidenUpper(low);
            even = Part<TFormat>(even, weights, 2, source->Values, scales, 0, 1);
            odd = Part<TFormat>(odd, weights, 3, source->Values, scales, 2, 3);
            scales = Vector128.WidenLower(high);
            even = Part<TFormat>(even, weights, 4, source->Values, scales, 0, 1);
            odd = Part<TFormat>(odd, weights, 5, source->Values, scales, 2, 3);
            scales = Vector128.WidenUpper(high);
            even = Part<TFormat>(even, weights, 6, source->Values, scales, 0, 1);
            odd = Part<TFormat>(odd, weights, 7, source->Values, scales, 2, 3);
            Vector128<int> minimums = TFormat.HasMinimums ? Minimums(TFormat.Minimums(weights), source->Sums16) : Vector128<int>.Zero;
            float scale = halves[*(ushort*)(weights + TFormat.ScaleOffset)];
            float minimumScale = TFormat.HasMinimums ? halves[*(ushort*)(weights + TFormat.MinimumScaleOffset)] : 0;
            sum = Add(sum, even + odd, minimums, scale, minimumScale, source->Scale, TFormat.HasMinimums);
        }

        return sum;
    }

    /// <summary>Adds the scaled products of 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Part<TFormat>(
        Vector128<int> sums, byte* weights, int part, sbyte* values, Vector128<int> scales, [ConstantExpected(Max = (byte)3)] byte first, [ConstantExpected(Max = (byte)3)] byte last)
        where TFormat : struct, IBlock256Neon
    {
        TFormat.Load(weights, part, out Vector128<sbyte> firstCodes, out Vector128<sbyte> lastCodes);
        Vector128<int> products = ByteDot.Add(Vector128<int>.Zero, firstCodes, Vector128.Load(values + (32 * part)));
        if (TFormat.SubBlock == 32)
        {
            return ByteDot.AddScaled(sums, ByteDot.Add(products, lastCodes, Vector128.Load(values + (32 * part) + 16)), scales, first);
        }

        sums = ByteDot.AddScaled(sums, products, scales, first);
        return ByteDot.AddScaled(sums, ByteDot.Add(Vector128<int>.Zero, lastCodes, Vector128.Load(values + (32 * part) + 16)), scales, last);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Add<TCodes>(Block256* block, ActivationBlock256* source, float sum)
        where TCodes : struct, IBlock256Codes
    {
        Vector128<int> products = Vector128<int>.Zero;
        for (int i = 0; i < ActivationBlock256.Elements; i += TCodes.SubBlock)
        {
            Vector128<int> part = ByteDot.Add(Vector128<int>.Zero, Vector128.Load(block->Codes + i), Vector128.Load(source->Values + i));
            if (TCodes.SubBlock == 32)
            {
                part = ByteDot.Add(part, Vector128.Load(block->Codes + i + 16), Vector128.Load(source->Values + i + 16));
            }

            products = ByteDot.AddProducts(products, part, Vector128.Create((int)block->Scales[i / Block256.SubBlock]));
        }

        Vector128<int> minimums = TCodes.HasMinimums ? Minimums(Vector128.Load(block->Minimums), source->Sums16) : Vector128<int>.Zero;
        return Add(sum, products, minimums, block->Scale, block->MinimumScale, source->Scale, TCodes.HasMinimums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Add(
        float sum, Vector128<int> products, Vector128<int> minimums, float scale, float minimumScale, float sourceScale, bool hasMinimums)
    {
        Vector128<int> pairs = ByteDot.AddPairwise(products, minimums);
        Vector128<float> sums = Vector128.ConvertToSingle(ByteDot.AddPairwise(pairs, pairs));
        float value = sums.ToScalar() * scale;
        if (hasMinimums)
        {
            value = MathF.FusedMultiplyAdd(-sums.GetElement(1), minimumScale, value);
        }

        return MathF.FusedMultiplyAdd(value, sourceScale, sum);
    }

    /// <summary>The products of 16 minimums with sums of activations, in four sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Minimums(Vector128<byte> minimums, short* sums)
    {
        Vector128<short> low = Vector128.WidenLower(minimums).AsInt16(), high = Vector128.WidenUpper(minimums).AsInt16();
        return ByteDot.AddShorts(ByteDot.AddShorts(Vector128<int>.Zero, low, Vector128.Load(sums)), high, Vector128.Load(sums + 8));
    }
}
