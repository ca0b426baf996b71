using Hearth.Kernels.MatMul.Lanes;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.MatMul;

/// <summary>Shares a product's rows out and cuts each share into tiles whose weights and activations stay in the cache.</summary>
internal unsafe struct MatMulJob : IParallelJob
{
    private const int TileRows = 32;
    private const int SingleTokenRows = 1024;

    /// <summary>The whole product.</summary>
    public MatMulTile Whole;

    /// <summary>Computes tiles.</summary>
    public delegate*<MatMulTile*, void> Kernel;

    /// <summary>Computes tiles of many tokens; null when it is not to be used.</summary>
    public delegate*<MatMulTile*, void> LaneKernel;

    /// <summary>Tokens of a tile, a multiple of 16.</summary>
    public int TileTokens;

    /// <summary>Bytes from 16 tokens' lanes to the next 16's.</summary>
    public nint LaneBytes;

    /// <summary>Whether results are added to the destination.</summary>
    public bool Accumulate;

    /// <inheritdoc/>
    public readonly void Execute(int worker, int workers)
    {
        WorkRange range = WorkRange.Of(Whole.Rows, worker, workers);
        int tileRows = Whole.Tokens > 1 ? TileRows : Accumulate ? SingleTokenRows : Math.Max(range.Count, 1);
        for (int row = range.Start; row < range.End; row += tileRows)
        {
            for (int token = 0; token < Whole.Tokens; token += TileTokens)
            {
                Execute(row, Math.Min(tileRows, range.End - row), token, Math.Min(TileTokens, Whole.Tokens - token));
            }
        }
    }

    private readonly void Execute(int row, int rows, int token, int tokens)
    {
        float* destination = Whole.Destination + (token * Whole.DestinationStride) + row;
        float* results = Accumulate ? Scratch.Rent(ScratchUse.Partials, rows * tokens) : destination;
        MatMulTile tile = Whole;
        tile.Weights += row * Whole.RowBytes;
        tile.Rows = rows;
        tile.Source += token * Whole.SourceBytes;
        tile.Lanes += token / LaneBlock.Tokens * LaneBytes;
        tile.Tokens = tokens;
        tile.Destination = results;
        tile.DestinationStride = Accumulate ? rows : Whole.DestinationStride;
        if (LaneKernel is not null)
        {
            LaneKernel(&tile);
        }
        else
        {
            Kernel(&tile);
        }

        for (int t = 0; Accumulate && t < tokens; t++)
        {
            for (int r = 0; r < rows; r++)
            {
                destination[(t * Whole.DestinationStride) + r] += results[(t * rows) + r];
            }
        }
    }
}
