using System.Runtime.CompilerServices;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.MatMul;

internal static unsafe partial class FloatDot
{
    private const int RowsAtOnce = 4;
    private const int TokensAtOnce = 4;

    /// <summary>The vector kernel: four rows are decoded once for all tokens of the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TDecoder, TLanes>(MatMulTile* tile)
        where TDecoder : struct, IRowDecoder
        where TLanes : struct, ILanes<TLanes>
    {
        BlockFormat format = BlockFormat.Get(tile->Type);
        int padded = (tile->Columns + Lanes - 1) / Lanes * Lanes;
        float* decoded = Scratch.Rent(ScratchUse.Worker, RowsAtOnce * padded);
        new Span<float>(decoded, RowsAtOnce * padded).Clear();
        for (int row = 0; row < tile->Rows; row += RowsAtOnce)
        {
            int rows = Math.Min(RowsAtOnce, tile->Rows - row);
            for (int r = 0; r < rows; r++)
            {
                TDecoder.Decode(format, tile->Weights + ((row + r) * tile->RowBytes), decoded + (r * padded), tile->Columns);
            }

            float* destination = tile->Destination + row;
            int token = 0;
            if (TLanes.HasManyRegisters)
            {
                for (; token <= tile->Tokens - TokensAtOnce; token += TokensAtOnce)
                {
                    FourTokens<TLanes>(tile, decoded, padded, token, rows, destination);
                }
            }

            for (; token < tile->Tokens; token++)
            {
                OneToken<TLanes>(tile, decoded, padded, token, rows, destination);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneToken<TLanes>(MatMulTile* tile, float* weights, int count, int token, int rows, float* destination)
        where TLanes : struct, ILanes<TLanes>
    {
        float* source = (float*)(tile->Source + (token * tile->SourceBytes));
        TLanes sum0 = TLanes.Create(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (int i = 0; i < count; i += Lanes)
        {
            TLanes x = TLanes.Load(source + i);
            sum0 = TLanes.MultiplyAdd(TLanes.Load(weights + i), x, sum0);
            sum1 = TLanes.MultiplyAdd(TLanes.Load(weights + count + i), x, sum1);
            sum2 = TLanes.MultiplyAdd(TLanes.Load(weights + (2 * count) + i), x, sum2);
            sum3 = TLanes.MultiplyAdd(TLanes.Load(weights + (3 * count) + i), x, sum3);
        }

        Store(sum0, sum1, sum2, sum3, rows, destination + (token * tile->DestinationStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourTokens<TLanes>(MatMulTile* tile, float* weights, int count, int token, int rows, float* destination)
        where TLanes : struct, ILanes<TLanes>
    {
        float* source = (float*)(tile->Source + (token * tile->SourceBytes));
        nint next = tile->SourceBytes / sizeof(float);
        TLanes zero = TLanes.Create(0);
        TLanes sum00 = zero, sum01 = zero, sum02 = zero, sum03 = zero, sum10 = zero, sum11 = zero, sum12 = zero, sum13 = zero;
        TLanes sum20 = zero, sum21 = zero, sum22 = zero, sum23 = zero, sum30 = zero, sum31 = zero, sum32 = zero, sum33 = zero;
        for (int i = 0; i < count; i += Lanes)
        {
            TLanes w0 = TLanes.Load(weights + i), w1 = TLanes.Load(weights + count + i);
            TLanes w2 = TLanes.Load(weights + (2 * count) + i), w3 = TLanes.Load(weights + (3 * count) + i);
            TLanes x = TLanes.Load(source + i);
            sum00 = TLanes.MultiplyAdd(w0, x, sum00);
            sum01 = TLanes.MultiplyAdd(w1, x, sum01);
            sum02 = TLanes.MultiplyAdd(w2, x, sum02);
            sum03 = TLanes.MultiplyAdd(w3, x, sum03);
            x = TLanes.Load(source + next + i);
            sum10 = TLanes.MultiplyAdd(w0, x, sum10);
            sum11 = TLanes.MultiplyAdd(w1, x, sum11);
            sum12 = TLanes.MultiplyAdd(w2, x, sum12);
            sum13 = TLanes.MultiplyAdd(w3, x, sum13);
            x = TLanes.Load(source + (2 * next) + i);
            sum20 = TLanes.MultiplyAdd(w0, x, sum20);
            sum21 = TLanes.MultiplyAdd(w1, x, sum21);
            sum22 = TLanes.MultiplyAdd(w2, x, sum22);
            sum23 = TLanes.MultiplyAdd(w3, x, sum23);
            x = TLanes.Load(source + (3 * next) + i);
            sum30 = TLanes.MultiplyAdd(w0, x, sum30);
            sum31 = TLanes.MultiplyAdd(w1, x, sum31);
            sum32 = TLanes.MultiplyAdd(w2, x, sum32);
            sum33 = TLanes.MultiplyAdd(w3, x, sum33);
        }

        destination += token * tile->DestinationStride;
        Store(sum00, sum01, sum02, sum03, rows, destination);
        Store(sum10, sum11, sum12, sum13, rows, destination + tile->DestinationStride);
        Store(sum20, sum21, sum22, sum23, rows, destination + (2 * tile->DestinationStride));
        Store(sum30, sum31, sum32, sum33, rows, destination + (3 * tile->DestinationStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TLanes>(TLanes sum0, TLanes sum1, TLanes sum2, TLanes sum3, int rows, float* destination)
        where TLanes : struct, ILanes<TLanes>
    {
        destination[0] = TLanes.Sum(sum0);
        if (rows > 1)
        {
            destination[1] = TLanes.Sum(sum1);
        }

        if (rows > 2)
        {
            destination[2] = TLanes.Sum(sum2);
        }

        if (rows > 3)
        {
            destination[3] = TLanes.Sum(sum3);
        }
    }
}
