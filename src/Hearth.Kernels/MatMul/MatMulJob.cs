using Hearth.Kernels.MatMul.Lanes;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul;

/// <summary>A product, and how its rows are cut into tiles whose weights and activations stay in the cache.</summary>
internal unsafe struct MatMulJob
{
    private const int TileRows = 32;
    private const int SingleTokenRows = 1024;
    private const int UnitBytes = 8192;

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

    /// <summary>Rows that are shared out together: those of a tile of many tokens, or of about <see cref="UnitBytes"/> for one.</summary>
    public readonly int UnitRows => Whole.Tokens > 1 ? TileRows : (int)Math.Clamp(UnitBytes / Math.Max(Whole.RowBytes, 1), 1, Whole.Rows);

    /// <summary>Units of all rows.</summary>
    public readonly int Units => (Whole.Rows + UnitRows - 1) / UnitRows;

    /// <summary>Computes some rows.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="end">The row after the last.</param>
    public readonly void Execute(int start, int end)
    {
        int tileRows = Whole.Tokens > 1 ? TileRows : Accumulate ? SingleTokenRows : end - start;
        for (int row = start; row < end; row += tileRows)
        {
            for (int token = 0; token < Whole.Tokens; token += TileTokens)
            {
                Execute(row, Math.Min(tileRows, end - row), token, Math.Min(TileTokens, Whole.Tokens - token));
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
