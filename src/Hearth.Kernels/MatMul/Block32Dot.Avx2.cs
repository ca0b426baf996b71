using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul;

internal static unsafe partial class Block32Dot
{
    private const int PrefetchBytes = 2048;
    private const int LargestBlockBytes = 34;

    /// <summary>The kernel for AVX2: one row and token at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void OneToken<TFormat>(MatMulTile* tile)
        where TFormat : struct, IBlock32Vectors
    {
        float* halves = HalfTable.Pointer;
        byte* zeros = stackalloc byte[LargestBlockBytes];
        new Span<byte>(zeros, LargestBlockBytes).Clear();
        int groups = tile->Columns / ActivationGroup32.Elements;
        int rest = tile->Columns % ActivationGroup32.Elements / ActivationGroup32.BlockElements;
        for (int token = 0; token < tile->Tokens; token++)
        {
            ActivationGroup32* source = (ActivationGroup32*)(tile->Source + (token * tile->SourceBytes));
            float* destination = tile->Destination + (token * tile->DestinationStride);
            byte* weights = tile->Weights;
            for (int row = 0; row < tile->Rows; row++, weights += tile->RowBytes)
            {
                destination[row] = Row<TFormat>(weights, source, groups, rest, halves, zeros);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Row<TFormat>(byte* weights, ActivationGroup32* source, int groups, int rest, float* halves, byte* zeros)
        where TFormat : struct, IBlock32Vectors
    {
        // Missing blocks of the last group are read as zeros. The floating-point step of a group is done one group later, so that its long chain runs beside the next group's integers.
        Vector128<float> sum = Vector128<float>.Zero, lowScales = sum, highScales = sum;
        Vector128<int> low = Vector128<int>.Zero, high = low;
        int bytes = TFormat.BlockBytes;
        for (; groups > 0; groups--, source++, weights += ActivationGroup32.Blocks * bytes)
        {
            Sse.Prefetch0(weights + PrefetchBytes);
            Vector128<int> nextLow = TFormat.Products(
                weights, weights + bytes, weights + (2 * bytes), weights + (3 * bytes), source->Values, source->Sums);
            Sse.Prefetch0(weights + PrefetchBytes + (3 * bytes));
            sum = Add(sum, low, high, lowScales, highScales);
            Vector128<int> nextHigh = TFormat.Products(
                weights + (4 * bytes), weights + (5 * bytes), weights + (6 * bytes), weights + (7 * bytes), source->Values + 128, source->Sums + 4);
            Sse.Prefetch0(weights + PrefetchBytes + (6 * bytes));
            (low, high) = (nextLow, nextHigh);
            lowScales = Vector128.Create(
                halves[*(ushort*)weights],
                halves[*(ushort*)(weights + bytes)],
                halves[*(ushort*)(weights + (2 * bytes))],
                halves[*(ushort*)(weights + (3 * bytes))]) * Vector128.Load(source->Scales);
            highScales = Vector128.Create(
                halves[*(ushort*)(weights + (4 * bytes))],
                halves[*(ushort*)(weights + (5 * bytes))],
                halves[*(ushort*)(weights + (6 * bytes))],
                halves[*(ushort*)(weights + (7 * bytes))]) * Vector128.Load(source->Scales + 4);
        }

        sum = Add(sum, low, high, lowScales, highScales);
        if (rest > 0)
        {
            byte* block1 = rest > 1 ? weights + bytes : zeros;
            byte* block2 = rest > 2 ? weights + (2 * bytes) : zeros;
            byte* block3 = rest > 3 ? weights + (3 * bytes) : zeros;
            low = TFormat.Products(weights, block1, block2, block3, source->Values, source->Sums);
            lowScales = Vector128.Create(
                halves[*(ushort*)weights], halves[*(ushort*)block1], halves[*(ushort*)block2], halves[*(ushort*)block3])
                * Vector128.Load(source->Scales);
            byte* block4 = rest > 4 ? weights + (4 * bytes) : zeros;
            byte* block5 = rest > 5 ? weights + (5 * bytes) : zeros;
            byte* block6 = rest > 6 ? weights + (6 * bytes) : zeros;
            high = TFormat.Products(block4, block5, block6, zeros, source->Values + 128, source->Sums + 4);
            highScales = Vector128.Create(
                halves[*(ushort*)block4], halves[*(ushort*)block5], halves[*(ushort*)block6], 0) * Vector128.Load(source->Scales + 4);
            sum = Add(sum, low, high, lowScales, highScales);
        }

        return sum.ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Add(
        Vector128<float> sum, Vector128<int> low, Vector128<int> high, Vector128<float> lowScales, Vector128<float> highScales)
    {
        Vector128<float> pairs = Sse2.ConvertToVector128Single(low) * lowScales;
        pairs = Fma.MultiplyAdd(Sse2.ConvertToVector128Single(high), highScales, pairs);
        pairs += Sse.MoveHighToLow(pairs, pairs);
        return Sse.AddScalar(Sse.AddScalar(sum, pairs), Sse3.MoveHighAndDuplicate(pairs));
    }
}
