using System.Runtime.CompilerServices;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.MatMul;

internal static unsafe partial class FloatDot
{
    private const int RowsAtOnce = 4;
    private const int TokensAtOnce = 6;

    /// <summary>Columns whose weights (4 rows) and activations (6 tokens) stay in the first cache together; a multiple of 16.</summary>
    private const int ChunkColumns = 1024;

    /// <summary>Floats of decoded rows, which stay in the second cache.</summary>
    private const int PanelFloats = 128 * 1024;

    /// <summary>Tokens whose partial sums stay in the second cache beside the rows; a multiple of 6.</summary>
    private const int PassTokens = 96;

    /// <summary>
    /// The vector kernel of any format: a panel of rows is decoded once for all tokens of the tile. Partial sums are kept between chunks of
    /// columns, so that cutting columns does not change the order of summation.
    /// </summary>
    internal static void Decoded<TDecoder, TLanes>(MatMulTile* tile)
        where TDecoder : struct, IRowDecoder
        where TLanes : struct, ILanes<TLanes>
    {
        BlockFormat format = BlockFormat.Get(tile->Type);
        int padded = (tile->Columns + Lanes - 1) / Lanes * Lanes;
        int chunks = (padded + ChunkColumns - 1) / ChunkColumns;
        int chunk = ((padded / Lanes) + chunks - 1) / chunks * Lanes;
        int panelRows = Math.Clamp(PanelFloats / padded / RowsAtOnce * RowsAtOnce, RowsAtOnce, (tile->Rows + RowsAtOnce - 1) / RowsAtOnce * RowsAtOnce);
        int passTokens = TLanes.HasManyRegisters ? PassTokens : PassTokens / TokensAtOnce;
        long sums = chunks == 1 ? 0 : (long)panelRows * passTokens * Lanes;
        float* panel = Scratch.Rent(ScratchUse.Worker, ((long)panelRows * padded) + sums);
        float* partial = panel + ((long)panelRows * padded);
        for (int row = 0; row < tile->Rows; row += panelRows)
        {
            int rows = Math.Min(panelRows, tile->Rows - row);
            Decode<TDecoder>(tile, format, row, rows, panel, padded);
            for (int token = 0; token < tile->Tokens; token += passTokens)
            {
                int end = Math.Min(token + passTokens, tile->Tokens);
                for (int column = 0; column < padded; column += chunk)
                {
                    int count = Math.Min(chunk, padded - column);
                    Part part = new(panel + column, padded, row, rows, token, end, column, count, partial, column == 0, column + count == padded);
                    Multiply<TLanes>(tile, part);
                }
            }
        }
    }

    /// <summary>Decodes rows, and clears what follows the last up to a whole group and what follows the columns up to a whole vector.</summary>
    private static void Decode<TDecoder>(MatMulTile* tile, BlockFormat format, int row, int rows, float* panel, int padded)
        where TDecoder : struct, IRowDecoder
    {
        int group = (rows + RowsAtOnce - 1) / RowsAtOnce * RowsAtOnce;
        for (int r = 0; r < group; r++, panel += padded)
        {
            if (r < rows)
            {
                TDecoder.Decode(format, tile->Weights + ((row + r) * tile->RowBytes), panel, tile->Columns);
                new Span<float>(panel + tile->Columns, padded - tile->Columns).Clear();
            }
            else
            {
                new Span<float>(panel, padded).Clear();
            }
        }
    }

    private static void Multiply<TLanes>(MatMulTile* tile, in Part part)
        where TLanes : struct, ILanes<TLanes>
    {
        int token = part.FirstToken;
        float* partial = part.Partial;
        if (TLanes.HasManyRegisters)
        {
            for (; token <= part.EndToken - TokensAtOnce; token += TokensAtOnce)
            {
                for (int r = 0; r < part.Rows; r += RowsAtOnce, partial += RowsAtOnce * TokensAtOnce * Lanes)
                {
                    SixTokens<TLanes>(tile, part, token, r, partial);
                }
            }
        }

        for (; token < part.EndToken; token++)
        {
            for (int r = 0; r < part.Rows; r += RowsAtOnce, partial += RowsAtOnce * Lanes)
            {
                OneToken<TLanes>(tile, part, token, r, partial);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneToken<TLanes>(MatMulTile* tile, in Part part, int token, int row, float* partial)
        where TLanes : struct, ILanes<TLanes>
    {
        float* x = (float*)(tile->Source + (token * tile->SourceBytes)) + part.Column;
        float* w = part.Weights + (row * part.Stride);
        nint next = part.Stride;
        TLanes sum0 = TLanes.Create(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
        if (!part.IsFirst)
        {
            Load(partial, out sum0, out sum1, out sum2, out sum3);
        }

        for (int i = 0; i < part.Count; i += Lanes)
        {
            TLanes value = TLanes.Load(x + i);
            sum0 = TLanes.MultiplyAdd(TLanes.Load(w + i), value, sum0);
            sum1 = TLanes.MultiplyAdd(TLanes.Load(w + next + i), value, sum1);
            sum2 = TLanes.MultiplyAdd(TLanes.Load(w + (2 * next) + i), value, sum2);
            sum3 = TLanes.MultiplyAdd(TLanes.Load(w + (3 * next) + i), value, sum3);
        }

        Store(tile, part, token, row, sum0, sum1, sum2, sum3, partial);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SixTokens<TLanes>(MatMulTile* tile, in Part part, int token, int row, float* partial)
        where TLanes : struct, ILanes<TLanes>
    {
        const int Token = RowsAtOnce * Lanes;
        float* x = (float*)(tile->Source + (token * tile->SourceBytes)) + part.Column;
        nint step = tile->SourceBytes / sizeof(float);
        float* w = part.Weights + (row * part.Stride);
        nint next = part.Stride;
        TLanes zero = TLanes.Create(0);
        TLanes a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero;
        TLanes c0 = zero, c1 = zero, c2 = zero, c3 = zero, d0 = zero, d1 = zero, d2 = zero, d3 = zero;
        TLanes e0 = zero, e1 = zero, e2 = zero, e3 = zero, f0 = zero, f1 = zero, f2 = zero, f3 = zero;
        if (!part.IsFirst)
        {
            Load(partial, out a0, out a1, out a2, out a3);
            Load(partial + Token, out b0, out b1, out b2, out b3);
            Load(partial + (2 * Token), out c0, out c1, out c2, out c3);
            Load(partial + (3 * Token), out d0, out d1, out d2, out d3);
            Load(partial + (4 * Token), out e0, out e1, out e2, out e3);
            Load(partial + (5 * Token), out f0, out f1, out f2, out f3);
        }

        for (int count = part.Count; count > 0; count -= Lanes, w += Lanes, x += Lanes)
        {
            TLanes w0 = TLanes.Load(w), w1 = TLanes.Load(w + next), w2 = TLanes.Load(w + (2 * next)), w3 = TLanes.Load(w + (3 * next));
            TLanes value = TLanes.Load(x);
            a0 = TLanes.MultiplyAdd(w0, value, a0);
            a1 = TLanes.MultiplyAdd(w1, value, a1);
            a2 = TLanes.MultiplyAdd(w2, value, a2);
            a3 = TLanes.MultiplyAdd(w3, value, a3);
            value = TLanes.Load(x + step);
            b0 = TLanes.MultiplyAdd(w0, value, b0);
            b1 = TLanes.MultiplyAdd(w1, value, b1);
            b2 = TLanes.MultiplyAdd(w2, value, b2);
            b3 = TLanes.MultiplyAdd(w3, value, b3);
            value = TLanes.Load(x + (2 * step));
            c0 = TLanes.MultiplyAdd(w0, value, c0);
            c1 = TLanes.MultiplyAdd(w1, value, c1);
            c2 = TLanes.MultiplyAdd(w2, value, c2);
            c3 = TLanes.MultiplyAdd(w3, value, c3);
            value = TLanes.Load(x + (3 * step));
            d0 = TLanes.MultiplyAdd(w0, value, d0);
            d1 = TLanes.MultiplyAdd(w1, value, d1);
            d2 = TLanes.MultiplyAdd(w2, value, d2);
            d3 = TLanes.MultiplyAdd(w3, value, d3);
            value = TLanes.Load(x + (4 * step));
            e0 = TLanes.MultiplyAdd(w0, value, e0);
            e1 = TLanes.MultiplyAdd(w1, value, e1);
            e2 = TLanes.MultiplyAdd(w2, value, e2);
            e3 = TLanes.MultiplyAdd(w3, value, e3);
            value = TLanes.Load(x + (5 * step));
            f0 = TLanes.MultiplyAdd(w0, value, f0);
            f1 = TLanes.MultiplyAdd(w1, value, f1);
            f2 = TLanes.MultiplyAdd(w2, value, f2);
            f3 = TLanes.MultiplyAdd(w3, value, f3);
        }

        Store(tile, part, token, row, a0, a1, a2, a3, partial);
        Store(tile, part, token + 1, row, b0, b1, b2, b3, partial + Token);
        Store(tile, part, token + 2, row, c0, c1, c2, c3, partial + (2 * Token));
        Store(tile, part, token + 3, row, d0, d1, d2, d3, partial + (3 * Token));
        Store(tile, part, token + 4, row, e0, e1, e2, e3, partial + (4 * Token));
        Store(tile, part, token + 5, row, f0, f1, f2, f3, partial + (5 * Token));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<TLanes>(float* partial, out TLanes sum0, out TLanes sum1, out TLanes sum2, out TLanes sum3)
        where TLanes : struct, ILanes<TLanes>
    {
        sum0 = TLanes.Load(partial);
        sum1 = TLanes.Load(partial + Lanes);
        sum2 = TLanes.Load(partial + (2 * Lanes));
        sum3 = TLanes.Load(partial + (3 * Lanes));
    }

    /// <summary>Keeps a token's partial sums of four rows, or adds them up where the columns end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TLanes>(
        MatMulTile* tile, in Part part, int token, int row, TLanes sum0, TLanes sum1, TLanes sum2, TLanes sum3, float* partial)
        where TLanes : struct, ILanes<TLanes>
    {
        if (!part.IsLast)
        {
            TLanes.Store(partial, sum0);
            TLanes.Store(partial + Lanes, sum1);
            TLanes.Store(partial + (2 * Lanes), sum2);
            TLanes.Store(partial + (3 * Lanes), sum3);
            return;
        }

        float* destination = tile->Destination + (token * tile->DestinationStride) + part.Row + row;
        if (row + RowsAtOnce <= part.Rows)
        {
            TLanes.StoreSums(destination, sum0, sum1, sum2, sum3);
            return;
        }

        destination[0] = TLanes.Sum(sum0);
        if (row + 1 < part.Rows)
        {
            destination[1] = TLanes.Sum(sum1);
        }

        if (row + 2 < part.Rows)
        {
            destination[2] = TLanes.Sum(sum2);
        }
    }

    /// <summary>Some columns of a panel of decoded rows times some tokens.</summary>
    private readonly ref struct Part(
        float* weights, int stride, int row, int rows, int firstToken, int endToken, int column, int count, float* partial, bool isFirst, bool isLast)
    {
        /// <summary>[rows, stride], from the first of the columns on.</summary>
        public readonly float* Weights = weights;

        /// <summary>Floats from one row to the next.</summary>
        public readonly int Stride = stride;

        /// <summary>The panel's first row, of the tile's.</summary>
        public readonly int Row = row;

        /// <summary>Rows of the panel.</summary>
        public readonly int Rows = rows;

        public readonly int FirstToken = firstToken;

        public readonly int EndToken = endToken;

        public readonly int Column = column;

        public readonly int Count = count;

        /// <summary>[tokens, rows, lanes]: sums over the columns before these.</summary>
        public readonly float* Partial = partial;

        public readonly bool IsFirst = isFirst;

        public readonly bool IsLast = isLast;
    }
}
