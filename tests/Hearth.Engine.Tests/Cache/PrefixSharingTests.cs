using Hearth.Engine.Cache;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Tests.Cache;

public sealed class PrefixSharingTests
{
    private const int Block = KvStorage.BlockTokens;

    [Fact]
    public void PublishedBlocks_AreSharedByWhoBeginsAlike()
    {
        using KvPool pool = Pool(blocks: 8);
        int[] tokens = Tokens(3 * Block, seed: 1);
        Sequence first = Filled(pool, tokens);
        pool.Publish(first, tokens);

        Sequence second = new();
        int[] longer = [.. tokens, 7, 8];
        Assert.Equal(3 * Block, pool.Adopt(second, longer));

        Assert.Equal(first.Blocks, second.Blocks);
        Assert.Equal((3 * Block, 3, 5), (second.Length, pool.UsedBlocks, pool.FreeBlocks));
        pool.Release(first);
        Assert.Equal((3, 0), (pool.UsedBlocks, pool.CachedBlocks));
        pool.Release(second);
        Assert.Equal((0, 3, 8), (pool.UsedBlocks, pool.CachedBlocks, pool.FreeBlocks));
    }

    [Fact]
    public void LastToken_IsLeftToCompute()
    {
        using KvPool pool = Pool(blocks: 8);
        int[] tokens = Tokens(2 * Block, seed: 1);
        Sequence first = Filled(pool, tokens);
        pool.Publish(first, tokens);

        Sequence second = new();
        Assert.Equal(Block, pool.Adopt(second, tokens));
        Assert.Equal(0, pool.Adopt(second, tokens));
        Assert.Equal(Block, pool.Adopt(second, [.. tokens, 1]));
    }

    [Fact]
    public void OtherBeginning_IsNotAdopted()
    {
        using KvPool pool = Pool(blocks: 8);
        int[] tokens = Tokens(3 * Block, seed: 1);
        Sequence first = Filled(pool, tokens);
        pool.Publish(first, tokens);

        int[] other = [.. tokens, 5];
        other[Block + 3]++;
        Sequence second = new();
        Assert.Equal(Block, pool.Adopt(second, other));

        // The third block's tokens are the same, but not those before it.
        int[] moved = [.. tokens[(2 * Block)..], 5];
        Assert.Equal(0, pool.Adopt(new Sequence(), moved));
    }

    [Fact]
    public void OtherAdapterScales_ShareNothing()
    {
        using KvPool pool = Pool(blocks: 8);
        int[] tokens = Tokens(2 * Block, seed: 1);
        Sequence first = Filled(pool, tokens, [0.5f]);
        pool.Publish(first, tokens);

        Assert.Equal(0, pool.Adopt(new Sequence { AdapterScales = [1] }, [.. tokens, 1]));
        Assert.Equal(2 * Block, pool.Adopt(new Sequence { AdapterScales = [0.5f] }, [.. tokens, 1]));
    }

    [Fact]
    public void EqualBlocks_BecomeOne()
    {
        using KvPool pool = Pool(blocks: 8);
        int[] tokens = [.. Tokens(2 * Block, seed: 1), .. Tokens(Block, seed: 2)];
        int[] other = [.. tokens[..(2 * Block)], .. Tokens(Block, seed: 3)];
        Sequence first = Filled(pool, tokens);
        Sequence second = Filled(pool, other);
        Assert.Equal(6, pool.UsedBlocks);

        pool.Publish(first, tokens);
        pool.Publish(second, other);

        Assert.Equal(4, pool.UsedBlocks);
        Assert.Equal(first.Blocks.Take(2), second.Blocks.Take(2));
        Assert.NotEqual(first.Blocks[2], second.Blocks[2]);
        pool.Release(second);
        pool.Release(first);
        Assert.Equal((0, 4, 8), (pool.UsedBlocks, pool.CachedBlocks, pool.FreeBlocks));
    }

    [Fact]
    public void Memory_IsTakenFromTheLeastRecentlyUsedFirst()
    {
        using KvPool pool = Pool(blocks: 4);
        int[] old = Tokens(2 * Block, seed: 1);
        int[] recent = Tokens(2 * Block, seed: 2);
        foreach (int[] tokens in new[] { old, recent })
        {
            Sequence sequence = Filled(pool, tokens);
            pool.Publish(sequence, tokens);
            pool.Release(sequence);
        }

        Sequence taker = new();
        Assert.True(pool.TryReserve(taker, Block));

        // The end of the older text went; its beginning is of use still.
        Assert.Equal(Block, Adopted(pool, [.. old, 1]));
        Assert.Equal(2 * Block, Adopted(pool, [.. recent, 1]));
        Assert.False(pool.TryReserve(taker, 5 * Block));
        Assert.True(pool.TryReserve(taker, 4 * Block));
        Assert.Equal(0, Adopted(pool, [.. recent, 1]));
        Assert.Equal((4, 0), (pool.UsedBlocks, pool.CachedBlocks));
    }

    [Fact]
    public void RandomUse_NeverMixesContentsAndLosesNothing()
    {
        Random random = new(7);
        using KvPool pool = Pool(blocks: 24);
        List<(Sequence Sequence, List<int> Tokens)> running = [];
        byte[] contents = new byte[24];
        for (int round = 0; round < 20_000; round++)
        {
            if (running.Count < 4 && random.Next(3) == 0)
            {
                // Few different blocks, so that texts begin alike often.
                List<int> tokens = [.. Enumerable.Range(0, random.Next(1, 6)).SelectMany(_ => Tokens(Block, random.Next(3))), .. Tokens(random.Next(1, Block), 9)];
                Sequence sequence = new();
                int adopted = pool.Adopt(sequence, [.. tokens]);
                Assert.All(Enumerable.Range(0, adopted / Block), block => Assert.Equal(Mark(tokens, block), contents[sequence.Blocks[block]]));
                running.Add((sequence, tokens));
            }
            else if (running.Count > 0)
            {
                int index = random.Next(running.Count);
                (Sequence sequence, List<int> tokens) = running[index];
                int count = Math.Min(random.Next(1, 2 * Block), tokens.Count - sequence.Length);
                if (count == 0 || random.Next(8) == 0 || !pool.TryReserve(sequence, count))
                {
                    pool.Release(sequence);
                    running.RemoveAt(index);
                    continue;
                }

                int first = sequence.Length / Block;
                sequence.Advance(count);
                for (int block = first; block < sequence.Length / Block; block++)
                {
                    contents[sequence.Blocks[block]] = Mark(tokens, block);
                }

                pool.Publish(sequence, [.. tokens]);
                Assert.All(Enumerable.Range(0, sequence.Length / Block), block => Assert.Equal(Mark(tokens, block), contents[sequence.Blocks[block]]));
            }
        }

        running.ForEach(entry => pool.Release(entry.Sequence));
        Assert.Equal((0, 24), (pool.UsedBlocks, pool.FreeBlocks));
    }

    [Fact]
    public void States_GoWithTheBlocksAtWhoseEndsTheyWereKept()
    {
        using KvPool pool = new(new KvStorage([new KvLayerShape(1, 32, 32)], 8, KvElementType.F32), stateLength: 3);
        RecurrentState state = new(0, 3);
        int[] tokens = Tokens(3 * Block, seed: 1);
        Sequence first = new();
        foreach (int block in new[] { 0, 1, 2 })
        {
            Assert.True(pool.TryReserve(first, block == 1 ? Block + 5 : Block - (block == 2 ? 5 : 0)));
            first.Advance(block == 1 ? Block + 5 : Block - (block == 2 ? 5 : 0));
            pool.States.Span(first.StateSlot, state).Fill(block + 1);
            pool.Publish(first, tokens);
        }

        // At the end of the second block the sequence had gone on already.
        Sequence second = new();
        Assert.Equal(Block, pool.Adopt(second, tokens));
        Assert.Equal([1, 1, 1], pool.States.Span(second.StateSlot, state).ToArray());
        Sequence third = new();
        Assert.Equal(3 * Block, pool.Adopt(third, [.. tokens, 1]));
        Assert.Equal([3, 3, 3], pool.States.Span(third.StateSlot, state).ToArray());
        Assert.NotEqual(first.StateSlot, third.StateSlot);
    }

    private static KvPool Pool(int blocks) => new(new KvStorage([new KvLayerShape(1, 32, 32)], blocks, KvElementType.F32));

    private static Sequence Filled(KvPool pool, int[] tokens, IReadOnlyList<float>? scales = null)
    {
        Sequence sequence = new() { AdapterScales = scales ?? [] };
        Assert.True(pool.TryReserve(sequence, tokens.Length));
        sequence.Advance(tokens.Length);
        return sequence;
    }

    private static int Adopted(KvPool pool, int[] tokens)
    {
        Sequence sequence = new();
        int adopted = pool.Adopt(sequence, tokens);
        pool.Release(sequence);
        return adopted;
    }

    private static int[] Tokens(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => (seed * 1000) + i)];

    // Depends on everything up to the end of the block, as keys and values do.
    private static byte Mark(List<int> tokens, int block) => (byte)tokens.Take((block + 1) * Block).Aggregate(17, (sum, token) => (sum * 31) + token);
}
