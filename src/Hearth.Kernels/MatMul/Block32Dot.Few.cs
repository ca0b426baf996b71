using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul;

/// <content>A few tokens: the compiler finds what their products unpack alike, and keeps it in registers.</content>
internal static unsafe partial class Block32Dot
{
    /// <summary>Rows with two tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoTokens<TFormat>(MatMulTile* tile, int token, int groups, int rest, float* table, byte* zeros)
        where TFormat : struct, IBlock32Vectors
    {
        nint next = tile->SourceBytes;
        int bytes = TFormat.BlockBytes;
        float* destination = tile->Destination + (token * tile->DestinationStride);
        byte* row = tile->Weights;
        for (int r = 0; r < tile->Rows; r++, row += tile->RowBytes, destination++)
        {
            byte* weights = row;
            byte* source = tile->Source + (token * next);
            Vector128<float> sum0 = Vector128<float>.Zero, sum1 = sum0;
            for (int g = 0; g < groups; g++, source += sizeof(ActivationGroup32), weights += ActivationGroup32.Blocks * bytes)
            {
                Prefetch.Block(weights + tile->RowBytes, ActivationGroup32.Blocks * bytes);
                EightBlocks group = new(weights, bytes, ActivationGroup32.Blocks, null);
                sum0 = Add<TFormat>(sum0, group, (ActivationGroup32*)source, table);
                sum1 = Add<TFormat>(sum1, group, (ActivationGroup32*)(source + next), table);
            }

            if (rest > 0)
            {
                EightBlocks group = new(weights, bytes, rest, zeros);
                sum0 = Add<TFormat>(sum0, group, (ActivationGroup32*)source, table);
                sum1 = Add<TFormat>(sum1, group, (ActivationGroup32*)(source + next), table);
            }

            destination[0] = sum0.ToScalar();
            destination[tile->DestinationStride] = sum1.ToScalar();
        }
    }

    /// <summary><see cref="TwoTokens"/> with four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourTokens<TFormat>(MatMulTile* tile, int token, int groups, int rest, float* table, byte* zeros)
        where TFormat : struct, IBlock32Vectors
    {
        nint next = tile->SourceBytes;
        int bytes = TFormat.BlockBytes;
        float* destination = tile->Destination + (token * tile->DestinationStride);
        byte* row = tile->Weights;
        for (int r = 0; r < tile->Rows; r++, row += tile->RowBytes, destination++)
        {
            byte* weights = row;
            byte* source = tile->Source + (token * next);
            Vector128<float> sum0 = Vector128<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
            for (int g = 0; g < groups; g++, source += sizeof(ActivationGroup32), weights += ActivationGroup32.Blocks * bytes)
            {
                Prefetch.Block(weights + tile->RowBytes, ActivationGroup32.Blocks * bytes);
                EightBlocks group = new(weights, bytes, ActivationGroup32.Blocks, null);
                sum0 = Add<TFormat>(sum0, group, (ActivationGroup32*)source, table);
                sum1 = Add<TFormat>(sum1, group, (ActivationGroup32*)(source + next), table);
                sum2 = Add<TFormat>(sum2, group, (ActivationGroup32*)(source + (2 * next)), table);
                sum3 = Add<TFormat>(sum3, group, (ActivationGroup32*)(source + (3 * next)), table);
            }

            if (rest > 0)
            {
                EightBlocks group = new(weights, bytes, rest, zeros);
                sum0 = Add<TFormat>(sum0, group, (ActivationGroup32*)source, table);
                sum1 = Add<TFormat>(sum1, group, (ActivationGroup32*)(source + next), table);
                sum2 = Add<TFormat>(sum2, group, (ActivationGroup32*)(source + (2 * next)), table);
                sum3 = Add<TFormat>(sum3, group, (ActivationGroup32*)(source + (3 * next)), table);
            }

            destination[0] = sum0.ToScalar();
            destination[tile->DestinationStride] = sum1.ToScalar();
            destination[2 * tile->DestinationStride] = sum2.ToScalar();
            destination[3 * tile->DestinationStride] = sum3.ToScalar();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Add<TFormat>(Vector128<float> sum, in EightBlocks group, ActivationGroup32* source, float* table)
        where TFormat : struct, IBlock32Vectors
    {
        Vector128<int> low = TFormat.Products(group.Block0, group.Block1, group.Block2, group.Block3, source->Values, source->Sums);
        Vector128<int> high = TFormat.Products(
            group.Block4, group.Block5, group.Block6, group.Block7, source->Values + 128, source->Sums + 4);
        Vector128<float> lowScales = Scales<TFormat>(group.Block0, group.Block1, group.Block2, group.Block3, table);
        Vector128<float> highScales = Scales<TFormat>(group.Block4, group.Block5, group.Block6, group.Block7, table);
        lowScales *= Vector128.Load(source->Scales);
        highScales *= Vector128.Load(source->Scales + 4);
        Vector128<float> lowMinimums = Vector128<float>.Zero, highMinimums = lowMinimums, lowSums = lowMinimums, highSums = lowMinimums;
        if (TFormat.HasMinimum)
        {
            lowMinimums = Minimums(group.Block0, group.Block1, group.Block2, group.Block3, table);
            highMinimums = Minimums(group.Block4, group.Block5, group.Block6, group.Block7, table);
            (lowSums, highSums) = (ScaledSums(source, 0), ScaledSums(source, 4));
        }

        return Add<TFormat>(sum, low, high, lowScales, highScales, lowMinimums, highMinimums, lowSums, highSums);
    }

    /// <summary>Where the blocks of a group are; those that are missing are read as zeros.</summary>
    private readonly ref struct EightBlocks
    {
        public readonly byte* Block0;
        public readonly byte* Block1;
        public readonly byte* Block2;
        public readonly byte* Block3;
        public readonly byte* Block4;
        public readonly byte* Block5;
        public readonly byte* Block6;
        public readonly byte* Block7;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public EightBlocks(byte* weights, int bytes, int count, byte* zeros)
        {
            Block0 = weights;
            Block1 = count > 1 ? weights + bytes : zeros;
            Block2 = count > 2 ? weights + (2 * bytes) : zeros;
            Block3 = count > 3 ? weights + (3 * bytes) : zeros;
            Block4 = count > 4 ? weights + (4 * bytes) : zeros;
            Block5 = count > 5 ? weights + (5 * bytes) : zeros;
            Block6 = count > 6 ? weights + (6 * bytes) : zeros;
            Block7 = count > 7 ? weights + (7 * bytes) : zeros;
        }
    }
}
