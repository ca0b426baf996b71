using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul;

/// <summary>A format of blocks of 256 as the one-token kernels consume it.</summary>
internal unsafe interface IBlock256Vectors
{
    /// <summary>Bytes of a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Bytes from the block's beginning to its scale, a half.</summary>
    static abstract int ScaleOffset { get; }

    /// <summary>Bytes from the block's beginning to its scale of minimums, a half; negative in formats without one.</summary>
    static abstract int MinimumScaleOffset { get; }

    /// <summary>A power of two by which the scale is multiplied.</summary>
    static virtual float ScaleFactor => 1;

    /// <summary>The integer sums of a block: elements 0 and 2 add up to that of the products, 1 and 3 to that of the minimums.</summary>
    static abstract Vector128<int> Sums(byte* block, ActivationBlock256* source);
}

internal static unsafe partial class Block256Dot
{
    /// <summary>The kernel for AVX2 and AVX-512: one row at a time, with up to four tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Rows<TFormat>(MatMulTile* tile)
        where TFormat : struct, IBlock256Vectors
    {
        float* halves = HalfTable.Pointer;
        int blocks = tile->Columns / ActivationBlock256.Elements;
        int token = 0;
        for (; token <= tile->Tokens - 4; token += 4)
        {
            FourTokens<TFormat>(tile, token, blocks, halves);
        }

        for (; token <= tile->Tokens - 2; token += 2)
        {
            TwoTokens<TFormat>(tile, token, blocks, halves);
        }

        for (; token < tile->Tokens; token++)
        {
            ActivationBlock256* source = (ActivationBlock256*)(tile->Source + (token * tile->SourceBytes));
            float* destination = tile->Destination + (token * tile->DestinationStride);
            byte* weights = tile->Weights;
            for (int row = 0; row < tile->Rows; row++, weights += tile->RowBytes)
            {
                destination[row] = Row<TFormat>(weights, source, blocks, halves);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Row<TFormat>(byte* weights, ActivationBlock256* source, int blocks, float* halves)
        where TFormat : struct, IBlock256Vectors
    {
        // The floating-point step of a block is done one block later, so that its long chain runs beside the next block's integers.
        Vector128<float> sum = Vector128<float>.Zero, scale = sum, minimumScale = sum, sourceScale = sum;
        Vector128<int> sums = Vector128<int>.Zero;
        for (; blocks > 0; blocks--, source++, weights += TFormat.BlockBytes)
        {
            Vector128<int> next = TFormat.Sums(weights, source);
            sum = Add<TFormat>(sum, sums, scale, minimumScale, sourceScale);
            sums = next;
            scale = Scale<TFormat>(weights, halves);
            minimumScale = MinimumScale<TFormat>(weights, halves);
            sourceScale = Vector128.CreateScalarUnsafe(source->Scale);
        }

        return Add<TFormat>(sum, sums, scale, minimumScale, sourceScale).ToScalar();
    }

    /// <summary>Rows with two tokens: the compiler finds what both products unpack, and keeps it in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoTokens<TFormat>(MatMulTile* tile, int token, int blocks, float* halves)
        where TFormat : struct, IBlock256Vectors
    {
        nint next = tile->SourceBytes;
        float* destination = tile->Destination + (token * tile->DestinationStride);
        byte* row = tile->Weights;
        for (int r = 0; r < tile->Rows; r++, row += tile->RowBytes, destination++)
        {
            byte* weights = row;
            byte* source = tile->Source + (token * next);
            Vector128<float> sum0 = Vector128<float>.Zero, sum1 = sum0;
            for (int b = 0; b < blocks; b++, source += sizeof(ActivationBlock256), weights += TFormat.BlockBytes)
            {
                ActivationBlock256* first = (ActivationBlock256*)source;
                ActivationBlock256* second = (ActivationBlock256*)(source + next);
                Vector128<int> sums0 = TFormat.Sums(weights, first), sums1 = TFormat.Sums(weights, second);
                Vector128<float> scale = Scale<TFormat>(weights, halves), minimumScale = MinimumScale<TFormat>(weights, halves);
                sum0 = Add<TFormat>(sum0, sums0, scale, minimumScale, Vector128.CreateScalarUnsafe(first->Scale));
                sum1 = Add<TFormat>(sum1, sums1, scale, minimumScale, Vector128.CreateScalarUnsafe(second->Scale));
            }

            destination[0] = sum0.ToScalar();
            destination[tile->DestinationStride] = sum1.ToScalar();
        }
    }

    /// <summary><see cref="TwoTokens"/> with four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourTokens<TFormat>(MatMulTile* tile, int token, int blocks, float* halves)
        where TFormat : struct, IBlock256Vectors
    {
        nint next = tile->SourceBytes;
        float* destination = tile->Destination + (token * tile->DestinationStride);
        byte* row = tile->Weights;
        for (int r = 0; r < tile->Rows; r++, row += tile->RowBytes, destination++)
        {
            byte* weights = row;
            byte* source = tile->Source + (token * next);
            Vector128<float> sum0 = Vector128<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
            for (int b = 0; b < blocks; b++, source += sizeof(ActivationBlock256), weights += TFormat.BlockBytes)
            {
                ActivationBlock256* first = (ActivationBlock256*)source;
                ActivationBlock256* second = (ActivationBlock256*)(source + next);
                ActivationBlock256* third = (ActivationBlock256*)(source + (2 * next));
                ActivationBlock256* fourth = (ActivationBlock256*)(source + (3 * next));
                Vector128<int> sums0 = TFormat.Sums(weights, first), sums1 = TFormat.Sums(weights, second);
                Vector128<int> sums2 = TFormat.Sums(weights, third), sums3 = TFormat.Sums(weights, fourth);
                Vector128<float> scale = Scale<TFormat>(weights, halves), minimumScale = MinimumScale<TFormat>(weights, halves);
                sum0 = Add<TFormat>(sum0, sums0, scale, minimumScale, Vector128.CreateScalarUnsafe(first->Scale));
                sum1 = Add<TFormat>(sum1, sums1, scale, minimumScale, Vector128.CreateScalarUnsafe(second->Scale));
                sum2 = Add<TFormat>(sum2, sums2, scale, minimumScale, Vector128.CreateScalarUnsafe(third->Scale));
                sum3 = Add<TFormat>(sum3, sums3, scale, minimumScale, Vector128.CreateScalarUnsafe(fourth->Scale));
            }

            destination[0] = sum0.ToScalar();
            destination[tile->DestinationStride] = sum1.ToScalar();
            destination[2 * tile->DestinationStride] = sum2.ToScalar();
            destination[3 * tile->DestinationStride] = sum3.ToScalar();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Scale<TFormat>(byte* weights, float* halves)
        where TFormat : struct, IBlock256Vectors
    {
        Vector128<float> scale = Vector128.CreateScalarUnsafe(halves[*(ushort*)(weights + TFormat.ScaleOffset)]);
        return TFormat.ScaleFactor == 1 ? scale : scale * TFormat.ScaleFactor;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> MinimumScale<TFormat>(byte* weights, float* halves)
        where TFormat : struct, IBlock256Vectors => TFormat.MinimumScaleOffset >= 0
            ? Vector128.CreateScalarUnsafe(halves[*(ushort*)(weights + TFormat.MinimumScaleOffset)])
            : Vector128<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Add<TFormat>(
        Vector128<float> sum, Vector128<int> sums, Vector128<float> scale, Vector128<float> minimumScale, Vector128<float> sourceScale)
        where TFormat : struct, IBlock256Vectors
    {
        sums += Sse2.Shuffle(sums, 0b11_10_11_10);
        Vector128<float> values = Sse2.ConvertToVector128Single(sums);
        Vector128<float> value = Sse.MultiplyScalar(values, scale);
        if (TFormat.MinimumScaleOffset >= 0)
        {
            value = Fma.MultiplyAddNegatedScalar(Sse3.MoveHighAndDuplicate(values), minimumScale, value);
        }

        return Fma.MultiplyAddScalar(value, sourceScale, sum);
    }
}
