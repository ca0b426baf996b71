using Hearth.Kernels.Threading;

namespace Hearth.Kernels.MatMul;

/// <summary>Shares a product's rows out and cuts each share into tiles whose weights and activations stay in the cache.</summary>
internal unsafe struct MatMulJob : IParallelJob
{
    /// <summary>Rows of a tile when there are several tokens.</summary>
    internal const int TileRows = 32;

    /// <summary>Tokens of a tile.</summary>
    internal const int TileTokens = 16;

    /// <summary>The whole product.</summary>
    public MatMulTile Whole;

    /// <summary>Computes tiles.</summary>
    public delegate*<MatMulTile*, void> Kernel;

    /// <summary>Whether results are added to the destination.</summary>
    public bool Accumulate;

    /// <inheritdoc/>
    public readonly void Execute(int worker, int workers)
    {
        WorkRange range = WorkRange.Of(Whole.Rows, worker, workers);
        if (range.Count == 0)
        {
            return;
        }

        float* results = stackalloc float[TileRows * TileTokens];
        bool whole = Whole.Tokens == 1 && !Accumulate;
        int tileRows = whole ? range.Count : Whole.Tokens == 1 ? TileRows * TileTokens : TileRows;
        for (int row = range.Start; row < range.End; row += tileRows)
        {
            int rows = Math.Min(tileRows, range.End - row);
            for (int token = 0; token < Whole.Tokens; token += TileTokens)
            {
                Execute(row, rows, token, Math.Min(TileTokens, Whole.Tokens - token), results);
            }
        }
    }

    private readonly void Execute(int row, int rows, int token, int tokens, float* results)
    {
        MatMulTile tile = Whole;
        float* destination = Whole.Destination + (token * Whole.DestinationStride) + row;
        tile.Weights += row * Whole.RowBytes;
        tile.Rows = rows;
        tile.Source += token * Whole.SourceBytes;
        tile.Tokens = tokens;
        tile.Destination = Accumulate ? results : destination;
        tile.DestinationStride = Accumulate ? rows : Whole.DestinationStride;
        Kernel(&tile);
        if (Accumulate)
        {
            for (int t = 0; t < tokens; t++)
            {
                for (int r = 0; r < rows; r++)
                {
                    destination[(t * Whole.DestinationStride) + r] += results[(t * rows) + r];
                }
            }
        }
    }
}
