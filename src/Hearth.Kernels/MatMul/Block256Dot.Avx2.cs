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
    /// <summary>The kernel for AVX2 and AVX-512: one row and token at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void OneToken<TFormat>(MatMulTile* tile)
        where TFormat : struct, IBlock256Vectors
    {
        float* halves = HalfTable.Pointer;
        int blocks = tile->Columns / ActivationBlock256.Elements;
        for (int token = 0; token < tile->Tokens; token++)
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
            scale = Vector128.CreateScalarUnsafe(halves[*(ushort*)(weights + TFormat.ScaleOffset)]);
            if (TFormat.ScaleFactor != 1)
            {
                scale *= TFormat.ScaleFactor;
            }

            if (TFormat.MinimumScaleOffset >= 0)
            {
                minimumScale = Vector128.CreateScalarUnsafe(halves[*(ushort*)(weights + TFormat.MinimumScaleOffset)]);
            }

            sourceScale = Vector128.CreateScalarUnsafe(source->Scale);
        }

        return Add<TFormat>(sum, sums, scale, minimumScale, sourceScale).ToScalar();
    }

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
