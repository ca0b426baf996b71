using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul.Lanes;

/// <summary>The working memory of a kernel of many tokens: unpacked rows, and results with an element per token.</summary>
internal readonly unsafe struct LaneTile
{
    private const int RowPadding = 4;

    private readonly byte* _lanes;
    private readonly float* _results;
    private readonly int _count;
    private readonly int _paddedRows;

    private LaneTile(byte* lanes, byte* rows, float* results, int count, int vectors, int paddedRows)
    {
        _lanes = lanes;
        Rows = rows;
        _results = results;
        _count = count;
        Vectors = vectors;
        _paddedRows = paddedRows;
    }

    /// <summary>Where rows are unpacked to; a multiple of four of them.</summary>
    internal byte* Rows { get; }

    /// <summary>Vectors that hold all tokens.</summary>
    internal int Vectors { get; }

    /// <summary>Memory of this thread, with results of zero.</summary>
    /// <param name="tile">What is computed.</param>
    /// <param name="rowBytes">Bytes of an unpacked row, a multiple of 4.</param>
    /// <param name="count">Tokens in a vector.</param>
    internal static LaneTile Rent(MatMulTile* tile, int rowBytes, int count)
    {
        int paddedRows = (tile->Rows + RowPadding - 1) / RowPadding * RowPadding;
        int vectors = (tile->Tokens + count - 1) / count;
        int results = vectors * paddedRows * count;
        float* memory = Scratch.Rent(ScratchUse.Worker, results + (paddedRows * rowBytes / sizeof(float)));
        new Span<float>(memory, results).Clear();
        return new LaneTile(tile->Lanes, (byte*)(memory + results), memory, count, vectors, paddedRows);
    }

    /// <summary>A vector's values of 256 columns.</summary>
    /// <param name="vector">Which vector of tokens.</param>
    /// <param name="block">Which 256 columns.</param>
    /// <param name="blockBytes">Bytes of a <see cref="LaneBlock"/>.</param>
    /// <param name="blocks">Blocks of a token.</param>
    internal byte* Source(int vector, int block, int blockBytes, int blocks)
    {
        (int first, int lane) = Math.DivRem(vector * _count, LaneBlock.Tokens);
        return _lanes + ((((long)first * blocks) + block) * blockBytes) + (lane * sizeof(int));
    }

    /// <summary>The results of a row and the next ones for a vector of tokens.</summary>
    internal float* Results(int vector, int row) => _results + ((((nint)vector * _paddedRows) + row) * _count);

    /// <summary>Writes the results where they belong.</summary>
    internal void Store(MatMulTile* tile)
    {
        for (int token = 0; token < tile->Tokens; token++)
        {
            float* from = Results(token / _count, 0) + (token % _count);
            float* to = tile->Destination + (token * tile->DestinationStride);
            for (int row = 0; row < tile->Rows; row++)
            {
                to[row] = from[row * _count];
            }
        }
    }
}
