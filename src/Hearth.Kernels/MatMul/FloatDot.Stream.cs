using System.Runtime.CompilerServices;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.MatMul;

internal static unsafe partial class FloatDot
{
    /// <summary>Tokens up to which rows are read as they lie; with more, decoding them once pays.</summary>
    private const int MostStreamTokens = 8;

    /// <summary>The vector kernel of formats without blocks: few tokens straight from the file, many through decoded rows.</summary>
    internal static void Run<TElements, TLanes>(MatMulTile* tile)
        where TElements : struct, IFloatElements
        where TLanes : struct, ILanes<TLanes>
    {
        if (tile->Tokens > MostStreamTokens)
        {
            Decoded<ElementRows<TElements, TLanes>, TLanes>(tile);
            return;
        }

        int whole = tile->Columns / Lanes * Lanes;
        int tailBytes = (tile->Columns - whole) * TElements.Size;
        byte* tail = stackalloc byte[Lanes * sizeof(float)];
        new Span<byte>(tail, Lanes * sizeof(float)).Clear();
        byte* row = tile->Weights;
        float* destination = tile->Destination;
        for (int r = 0; r < tile->Rows; r++, row += tile->RowBytes, destination++)
        {
            Unsafe.CopyBlockUnaligned(tail, row + (whole * TElements.Size), (uint)tailBytes);
            int token = 0;
            for (; token <= tile->Tokens - 4; token += 4)
            {
                RowOfFour<TElements, TLanes>(tile, row, tail, token, destination);
            }

            if ((tile->Tokens & 2) != 0)
            {
                RowOfTwo<TElements, TLanes>(tile, row, tail, token, destination);
                token += 2;
            }

            if ((tile->Tokens & 1) != 0)
            {
                RowOfOne<TElements, TLanes>(tile, row, tail, token, destination);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RowOfOne<TElements, TLanes>(MatMulTile* tile, byte* row, byte* tail, int token, float* destination)
        where TElements : struct, IFloatElements
        where TLanes : struct, ILanes<TLanes>
    {
        float* x = (float*)(tile->Source + (token * tile->SourceBytes));
        int columns = tile->Columns;
        TLanes sum = TLanes.Create(0);
        for (; columns >= 2 * Lanes; columns -= 2 * Lanes, row += 2 * Lanes * TElements.Size, x += 2 * Lanes)
        {
            Prefetch.Ahead(row);
            sum = TLanes.MultiplyAdd(TElements.Load<TLanes>(row), TLanes.Load(x), sum);
            if (TElements.Size == sizeof(float))
            {
                Prefetch.Ahead(row + Prefetch.LineBytes);
            }

            sum = TLanes.MultiplyAdd(TElements.Load<TLanes>(row + (Lanes * TElements.Size)), TLanes.Load(x + Lanes), sum);
        }

        if (columns >= Lanes)
        {
            sum = TLanes.MultiplyAdd(TElements.Load<TLanes>(row), TLanes.Load(x), sum);
            x += Lanes;
            columns -= Lanes;
        }

        if (columns > 0)
        {
            sum = TLanes.MultiplyAdd(TElements.Load<TLanes>(tail), TLanes.Load(x), sum);
        }

        destination[token * tile->DestinationStride] = TLanes.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RowOfTwo<TElements, TLanes>(MatMulTile* tile, byte* row, byte* tail, int token, float* destination)
        where TElements : struct, IFloatElements
        where TLanes : struct, ILanes<TLanes>
    {
        float* x = (float*)(tile->Source + (token * tile->SourceBytes));
        nint next = tile->SourceBytes / sizeof(float);
        TLanes sum0 = TLanes.Create(0), sum1 = sum0;
        for (int columns = tile->Columns; columns > 0; columns -= Lanes, row += Lanes * TElements.Size, x += Lanes)
        {
            Prefetch.Ahead(row);
            TLanes w = TElements.Load<TLanes>(columns >= Lanes ? row : tail);
            sum0 = TLanes.MultiplyAdd(w, TLanes.Load(x), sum0);
            sum1 = TLanes.MultiplyAdd(w, TLanes.Load(x + next), sum1);
        }

        destination += token * tile->DestinationStride;
        destination[0] = TLanes.Sum(sum0);
        destination[tile->DestinationStride] = TLanes.Sum(sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RowOfFour<TElements, TLanes>(MatMulTile* tile, byte* row, byte* tail, int token, float* destination)
        where TElements : struct, IFloatElements
        where TLanes : struct, ILanes<TLanes>
    {
        float* x = (float*)(tile->Source + (token * tile->SourceBytes));
        nint next = tile->SourceBytes / sizeof(float);
        TLanes sum0 = TLanes.Create(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (int columns = tile->Columns; columns > 0; columns -= Lanes, row += Lanes * TElements.Size, x += Lanes)
        {
            Prefetch.Ahead(row);
            TLanes w = TElements.Load<TLanes>(columns >= Lanes ? row : tail);
            sum0 = TLanes.MultiplyAdd(w, TLanes.Load(x), sum0);
            sum1 = TLanes.MultiplyAdd(w, TLanes.Load(x + next), sum1);
            sum2 = TLanes.MultiplyAdd(w, TLanes.Load(x + (2 * next)), sum2);
            sum3 = TLanes.MultiplyAdd(w, TLanes.Load(x + (3 * next)), sum3);
        }

        float* sums = stackalloc float[4];
        TLanes.StoreSums(sums, sum0, sum1, sum2, sum3);
        destination += token * tile->DestinationStride;
        for (int t = 0; t < 4; t++)
        {
            destination[t * tile->DestinationStride] = sums[t];
        }
    }
}
