using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul;

internal static unsafe partial class Block32Dot
{
    private const int LargestBlockBytes = 34;

    /// <summary>The kernel for AVX2: one row at a time, with up to four tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Rows<TFormat>(MatMulTile* tile)
        where TFormat : struct, IBlock32Vectors
    {
        float* table = TFormat.Table;
        byte* zeros = stackalloc byte[LargestBlockBytes];
        new Span<byte>(zeros, LargestBlockBytes).Clear();
        int groups = tile->Columns / ActivationGroup32.Elements;
        int rest = tile->Columns % ActivationGroup32.Elements / ActivationGroup32.BlockElements;
        int token = 0;
        for (; token <= tile->Tokens - 4; token += 4)
        {
            FourTokens<TFormat>(tile, token, groups, rest, table, zeros);
        }

        for (; token <= tile->Tokens - 2; token += 2)
        {
            TwoTokens<TFormat>(tile, token, groups, rest, table, zeros);
        }

        for (; token < tile->Tokens; token++)
        {
            ActivationGroup32* source = (ActivationGroup32*)(tile->Source + (token * tile->SourceBytes));
            float* destination = tile->Destination + (token * tile->DestinationStride);
            byte* weights = tile->Weights;
            for (int row = 0; row < tile->Rows; row++, weights += tile->RowBytes)
            {
                destination[row] = Row<TFormat>(weights, source, groups, rest, table, zeros);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Row<TFormat>(byte* weights, ActivationGroup32* source, int groups, int rest, float* table, byte* zeros)
        where TFormat : struct, IBlock32Vectors
    {
        // Missing blocks of the last group are read as zeros. The floating-point step of a group is done one group later, so that its long chain runs beside the next group's integers.
        Vector128<float> sum = Vector128<float>.Zero, lowScales = sum, highScales = sum;
        Vector128<float> lowMinimums = sum, highMinimums = sum, lowSums = sum, highSums = sum;
        Vector128<int> low = Vector128<int>.Zero, high = low;
        int bytes = TFormat.BlockBytes;
        for (; groups > 0; groups--, source++, weights += ActivationGroup32.Blocks * bytes)
        {
            Prefetch.Ahead(weights);
            Prefetch.Ahead(weights + Prefetch.LineBytes);
            byte* behind = weights + (4 * bytes);
            Vector128<int> nextLow = TFormat.Products(
                weights, weights + bytes, weights + (2 * bytes), weights + (3 * bytes), source->Values, source->Sums);
            Prefetch.Ahead(weights + (2 * Prefetch.LineBytes));
            sum = Add<TFormat>(sum, low, high, lowScales, highScales, lowMinimums, highMinimums, lowSums, highSums);
            Vector128<int> nextHigh = TFormat.Products(
                behind, behind + bytes, behind + (2 * bytes), behind + (3 * bytes), source->Values + 128, source->Sums + 4);
            if (ActivationGroup32.Blocks * bytes > 3 * Prefetch.LineBytes)
            {
                Prefetch.Ahead(weights + (3 * Prefetch.LineBytes));
            }

            if (ActivationGroup32.Blocks * bytes > 4 * Prefetch.LineBytes)
            {
                Prefetch.Ahead(weights + (4 * Prefetch.LineBytes));
            }

            (low, high) = (nextLow, nextHigh);
            lowScales = Scales<TFormat>(weights, weights + bytes, weights + (2 * bytes), weights + (3 * bytes), table)
                * Vector128.Load(source->Scales);
            highScales = Scales<TFormat>(behind, behind + bytes, behind + (2 * bytes), behind + (3 * bytes), table)
                * Vector128.Load(source->Scales + 4);
            if (TFormat.HasMinimum)
            {
                lowMinimums = Minimums(weights, weights + bytes, weights + (2 * bytes), weights + (3 * bytes), table);
                highMinimums = Minimums(behind, behind + bytes, behind + (2 * bytes), behind + (3 * bytes), table);
                (lowSums, highSums) = (ScaledSums(source, 0), ScaledSums(source, 4));
            }
        }

        sum = Add<TFormat>(sum, low, high, lowScales, highScales, lowMinimums, highMinimums, lowSums, highSums);
        if (rest > 0)
        {
            byte* block1 = rest > 1 ? weights + bytes : zeros;
            byte* block2 = rest > 2 ? weights + (2 * bytes) : zeros;
            byte* block3 = rest > 3 ? weights + (3 * bytes) : zeros;
            byte* block4 = rest > 4 ? weights + (4 * bytes) : zeros;
            byte* block5 = rest > 5 ? weights + (5 * bytes) : zeros;
            byte* block6 = rest > 6 ? weights + (6 * bytes) : zeros;
            low = TFormat.Products(weights, block1, block2, block3, source->Values, source->Sums);
            high = TFormat.Products(block4, block5, block6, zeros, source->Values + 128, source->Sums + 4);
            lowScales = Scales<TFormat>(weights, block1, block2, block3, table) * Vector128.Load(source->Scales);
            highScales = Scales<TFormat>(block4, block5, block6, zeros, table) * Vector128.Load(source->Scales + 4);
            if (TFormat.HasMinimum)
            {
                lowMinimums = Minimums(weights, block1, block2, block3, table);
                highMinimums = Minimums(block4, block5, block6, zeros, table);
                (lowSums, highSums) = (ScaledSums(source, 0), ScaledSums(source, 4));
            }

            sum = Add<TFormat>(sum, low, high, lowScales, highScales, lowMinimums, highMinimums, lowSums, highSums);
        }

        return sum.ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Scales<TFormat>(byte* block0, byte* block1, byte* block2, byte* block3, float* table)
        where TFormat : struct, IBlock32Vectors =>
        Vector128.Create(TFormat.Scale(block0, table), TFormat.Scale(block1, table), TFormat.Scale(block2, table), TFormat.Scale(block3, table));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Minimums(byte* block0, byte* block1, byte* block2, byte* block3, float* halves) => Vector128.Create(
        halves[*(ushort*)(block0 + 2)], halves[*(ushort*)(block1 + 2)], halves[*(ushort*)(block2 + 2)], halves[*(ushort*)(block3 + 2)]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ScaledSums(ActivationGroup32* source, int block) =>
        Vector128.Load(source->Scales + block) * Sse2.ConvertToVector128Single(Vector128.Load(source->Sums + block));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Add<TFormat>(
        Vector128<float> sum,
        Vector128<int> low,
        Vector128<int> high,
        Vector128<float> lowScales,
        Vector128<float> highScales,
        Vector128<float> lowMinimums,
        Vector128<float> highMinimums,
        Vector128<float> lowSums,
        Vector128<float> highSums)
        where TFormat : struct, IBlock32Vectors
    {
        Vector128<float> pairs = Sse2.ConvertToVector128Single(low) * lowScales;
        if (TFormat.HasMinimum)
        {
            pairs = Fma.MultiplyAdd(lowMinimums, lowSums, pairs);
        }

        pairs = Fma.MultiplyAdd(Sse2.ConvertToVector128Single(high), highScales, pairs);
        if (TFormat.HasMinimum)
        {
            pairs = Fma.MultiplyAdd(highMinimums, highSums, pairs);
        }

        pairs += Sse.MoveHighToLow(pairs, pairs);
        return Sse.AddScalar(Sse.AddScalar(sum, pairs), Sse3.MoveHighAndDuplicate(pairs));
    }
}
