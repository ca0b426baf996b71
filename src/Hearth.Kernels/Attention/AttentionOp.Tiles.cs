using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Attention;

/// <summary>
/// How the work is cut. A tile is some neighbouring rows of one sequence; its queries of one slice, that is of one key and value head or
/// of a part of that head's query heads, share every load of keys and values. When there are few tiles, long contexts are also cut into
/// segments of whole chunks; whoever finishes the last segment of a tile and slice merges the chunks, in order.
/// </summary>
public static unsafe partial class AttentionOp
{
    private const int TileQueries = 64;
    private const int PartHeads = 128;
    private const int LeastPartHeads = 16;
    private const int ItemsPerWorker = 2;
    private const int TargetItems = 64;
    private const int LeastSegmentWork = 12;

    private static void RunTiles<TLanes, TElements>(ComputePool pool, Shape shape)
        where TLanes : struct, ILanes<TLanes>
        where TElements : struct, IKvElements
    {
        Tile* tiles = (Tile*)Scratch.Rent(ScratchUse.Plan, ((long)shape.Rows * sizeof(Tile) / sizeof(float)) + 1);
        int count = CutTiles(shape, tiles, out long chunks, out long work);
        CutGroups(ref shape, chunks, pool.Threads);
        long partials = CutSegments(shape, tiles, count, work, out int items);
        float* memory = Scratch.Rent(ScratchUse.Partials, partials);
        for (int i = 0; i < count; i++)
        {
            if (tiles[i].Segments > 1)
            {
                new Span<int>(memory + tiles[i].Partials, shape.Slices).Fill(tiles[i].Segments);
            }
        }

        int next = 0;
        Job<TLanes, TElements> job = new()
        {
            Shape = shape,
            Tiles = tiles,
            TileCount = count,
            Items = items,
            Partials = memory,
            Next = &next,
        };
        if (items == 1)
        {
            job.Execute(0, 1);
        }
        else
        {
            pool.Run(ref job);
        }
    }

    /// <summary>Joins neighbouring rows with neighbouring positions. The last rows come first: in a prompt they have most to do.</summary>
    private static int CutTiles(in Shape shape, Tile* tiles, out long chunks, out long work)
    {
        int rowsPerTile = Math.Max(1, TileQueries / shape.Group);
        int count = 0;
        chunks = 0;
        work = 0;
        for (int end = shape.Rows; end > 0;)
        {
            int row = end - 1;
            while (row > 0 && end - row < rowsPerTile
                && shape.Sequences[row - 1] == shape.Sequences[row] && shape.Positions[row - 1] == shape.Positions[row] - 1)
            {
                row--;
            }

            int first = shape.First(row) / ChunkTokens;
            ref Tile tile = ref tiles[count++];
            tile = default;
            tile.Row = row;
            tile.Rows = end - row;
            tile.FirstChunk = first;
            tile.Chunks = (shape.Last(end - 1) / ChunkTokens) - first + 1;
            chunks += tile.Chunks;
            work += (long)tile.Chunks * tile.Rows * shape.Heads;
            end = row;
        }

        return count;
    }

    /// <summary>
    /// Many query heads of one key and value head are cut so that their working memory stays in the cache; and further, at the price of
    /// more loads, when there is too little else that the workers could share out.
    /// </summary>
    private static void CutGroups(ref Shape shape, long chunks, int workers)
    {
        long others = chunks * shape.KeyValueHeads;
        long wanted = workers == 1 ? 1 : ((ItemsPerWorker * (long)workers) + others - 1) / others;
        int parts = (shape.Group + PartHeads - 1) / PartHeads;
        parts = Math.Max(parts, (int)Math.Min(wanted, shape.Group / LeastPartHeads));
        shape.PartHeads = (shape.Group + parts - 1) / parts;
        shape.Parts = (shape.Group + shape.PartHeads - 1) / shape.PartHeads;
    }

    /// <summary>Returns the floats of memory for partial results.</summary>
    private static long CutSegments(in Shape shape, Tile* tiles, int count, long work, out int items)
    {
        int slices = shape.Slices;
        long target = Math.Max(LeastSegmentWork, work / TargetItems);
        long partials = 0;
        items = 0;
        for (int i = 0; i < count; i++)
        {
            ref Tile tile = ref tiles[i];
            int queries = tile.Rows * shape.PartHeads;
            tile.SegmentChunks = (int)Math.Clamp((target + queries - 1) / queries, 1, tile.Chunks);
            tile.Segments = (tile.Chunks + tile.SegmentChunks - 1) / tile.SegmentChunks;
            tile.FirstItem = items;
            items = checked(items + (slices * tile.Segments));
            if (tile.Segments > 1)
            {
                tile.Partials = partials;
                partials += ((slices + 15) & ~15) + ((long)slices * tile.Chunks * queries * PartialStride(shape));
            }
        }

        return partials;
    }

    /// <summary>Floats of a partial result: the values, then the maximum and the sum.</summary>
    private static int PartialStride(in Shape shape) => shape.ValueStride + 16;

    private struct Tile
    {
        public int Row;
        public int Rows;
        public int FirstChunk;
        public int Chunks;
        public int Segments;
        public int SegmentChunks;
        public int FirstItem;
        public long Partials;
    }

    private struct Job<TLanes, TElements> : IParallelJob
        where TLanes : struct, ILanes<TLanes>
        where TElements : struct, IKvElements
    {
        public Shape Shape;
        public Tile* Tiles;
        public int TileCount;
        public int Items;
        public float* Partials;
        public int* Next;

        public readonly void Execute(int worker, int workers)
        {
            int index = 0;
            for (int item = Interlocked.Increment(ref *Next) - 1; item < Items; item = Interlocked.Increment(ref *Next) - 1)
            {
                while (index + 1 < TileCount && Tiles[index + 1].FirstItem <= item)
                {
                    index++;
                }

                (int slice, int segment) = Math.DivRem(item - Tiles[index].FirstItem, Tiles[index].Segments);
                Run(Tiles[index], slice, segment);
            }
        }

        private readonly void Run(in Tile tile, int slice, int segment)
        {
            TileKernel<TLanes, TElements> kernel = new(Shape, tile.Row, tile.Rows, slice);
            int first = tile.FirstChunk + (segment * tile.SegmentChunks);
            int end = Math.Min(first + tile.SegmentChunks, tile.FirstChunk + tile.Chunks);
            if (tile.Segments == 1)
            {
                for (int chunk = first; chunk < end; chunk++)
                {
                    kernel.Chunk(chunk);
                    kernel.Merge();
                }

                kernel.WriteOutput();
                return;
            }

            int* counters = (int*)(Partials + tile.Partials);
            long chunkStride = (long)tile.Rows * Shape.PartHeads * PartialStride(Shape);
            float* partials = Partials + tile.Partials + ((Shape.Slices + 15) & ~15) + (slice * tile.Chunks * chunkStride);
            for (int chunk = first; chunk < end; chunk++)
            {
                kernel.Chunk(chunk);
                kernel.SavePartial(partials + ((chunk - tile.FirstChunk) * chunkStride));
            }

            if (Interlocked.Decrement(ref counters[slice]) == 0)
            {
                for (int chunk = 0; chunk < tile.Chunks; chunk++)
                {
                    kernel.LoadPartial(partials + (chunk * chunkStride));
                    kernel.Merge();
                }

                kernel.WriteOutput();
            }
        }
    }
}
