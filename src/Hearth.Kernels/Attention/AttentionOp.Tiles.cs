using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Attention;

/// <summary>
/// How the work is cut. A tile is some neighbouring rows of one sequence; its queries of one key and value head share every load of keys
/// and values. When there are few tiles, long contexts are also cut into segments of whole chunks; whoever finishes the last segment of a
/// tile and head merges the chunks, in order.
/// </summary>
public static unsafe partial class AttentionOp
{
    private const int TileQueries = 64;
    private const int TargetItems = 64;
    private const int LeastSegmentWork = 12;

    private static void RunTiles<TLanes>(ComputePool pool, Shape shape)
        where TLanes : struct, ILanes<TLanes>
    {
        Tile* tiles = (Tile*)Scratch.Rent(ScratchUse.Plan, ((long)shape.Rows * sizeof(Tile) / sizeof(float)) + 1);
        int count = CutTiles(shape, tiles, out long work);
        long partials = CutSegments(shape, tiles, count, work, out int items);
        float* memory = Scratch.Rent(ScratchUse.Partials, partials);
        for (int i = 0; i < count; i++)
        {
            if (tiles[i].Segments > 1)
            {
                new Span<int>(memory + tiles[i].Partials, shape.Storage.KeyValueHeads).Fill(tiles[i].Segments);
            }
        }

        int next = 0;
        Job<TLanes> job = new() { Shape = shape, Tiles = tiles, TileCount = count, Items = items, Partials = memory, Next = &next };
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
    private static int CutTiles(in Shape shape, Tile* tiles, out long work)
    {
        int rowsPerTile = Math.Max(1, TileQueries / shape.Group);
        int count = 0;
        work = 0;
        for (int end = shape.Rows; end > 0;)
        {
            int row = end - 1;
            while (row > 0 && end - row < rowsPerTile
                && shape.Sequences[row - 1] == shape.Sequences[row] && shape.Positions[row - 1] == shape.Positions[row] - 1)
            {
                row--;
            }

            int first = FirstPosition(shape.Positions[row], shape.Window) / ChunkTokens;
            ref Tile tile = ref tiles[count++];
            tile = default;
            tile.Row = row;
            tile.Rows = end - row;
            tile.FirstChunk = first;
            tile.Chunks = (shape.Positions[end - 1] / ChunkTokens) - first + 1;
            work += Work(shape, tile);
            end = row;
        }

        return count;
    }

    private static long Work(in Shape shape, in Tile tile) => (long)tile.Chunks * tile.Rows * shape.Group;

    /// <summary>Returns the floats of memory for partial results.</summary>
    private static long CutSegments(in Shape shape, Tile* tiles, int count, long work, out int items)
    {
        int heads = shape.Storage.KeyValueHeads;
        long target = Math.Max(LeastSegmentWork, work * heads / TargetItems);
        long partials = 0;
        items = 0;
        for (int i = 0; i < count; i++)
        {
            ref Tile tile = ref tiles[i];
            int queries = tile.Rows * shape.Group;
            tile.SegmentChunks = (int)Math.Clamp((target + queries - 1) / queries, 1, tile.Chunks);
            tile.Segments = (tile.Chunks + tile.SegmentChunks - 1) / tile.SegmentChunks;
            tile.FirstItem = items;
            items = checked(items + (heads * tile.Segments));
            if (tile.Segments > 1)
            {
                tile.Partials = partials;
                partials += ((heads + 15) & ~15) + ((long)heads * tile.Chunks * queries * PartialStride(shape));
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

    private struct Job<TLanes> : IParallelJob
        where TLanes : struct, ILanes<TLanes>
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

                (int head, int segment) = Math.DivRem(item - Tiles[index].FirstItem, Tiles[index].Segments);
                Run(Tiles[index], head, segment);
            }
        }

        private readonly void Run(in Tile tile, int head, int segment)
        {
            TileKernel<TLanes> kernel = new(Shape, tile.Row, tile.Rows, head);
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
            long chunkStride = (long)kernel.Queries * PartialStride(Shape);
            float* partials = Partials + tile.Partials + ((Shape.Storage.KeyValueHeads + 15) & ~15) + (head * tile.Chunks * chunkStride);
            for (int chunk = first; chunk < end; chunk++)
            {
                kernel.Chunk(chunk);
                kernel.SavePartial(partials + ((chunk - tile.FirstChunk) * chunkStride));
            }

            if (Interlocked.Decrement(ref counters[head]) == 0)
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
