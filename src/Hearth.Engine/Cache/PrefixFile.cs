using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Cache;

/// <summary>
/// The format of saved prefixes: identity (32 bytes), count, then for each block the number of the entry that it follows (-1 for none), its hits,
/// whether a recurrent state follows, its token ids, its memory and the state; at the end the SHA-256 of all before. Numbers are 32 bits, little
/// endian; keys, values and states are as the machine has them.
/// </summary>
internal static class PrefixFile
{
    private const int HeadInts = 3 + KvStorage.BlockTokens;

    /// <summary>Writes blocks, each behind the one that it follows.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> identity, KvPool pool, ReadOnlySpan<int> blocks)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }

        Span<byte> head = stackalloc byte[HeadInts * sizeof(int)];
        Put(identity);
        BinaryPrimitives.WriteInt32LittleEndian(head, blocks.Length);
        Put(head[..sizeof(int)]);
        Dictionary<int, int> entries = [];
        int[] numbers = new int[HeadInts];
        foreach (int block in blocks)
        {
            bool hasState = pool.Snapshots.Has(block);
            numbers[0] = entries.GetValueOrDefault(pool.Prefixes.ParentOf(block), -1);
            numbers[1] = pool.Prefixes.HitsOf(block);
            numbers[2] = hasState ? 1 : 0;
            pool.Prefixes.Tokens(block).CopyTo(numbers.AsSpan(3));
            for (int i = 0; i < HeadInts; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(head[(i * sizeof(int))..], numbers[i]);
            }

            Put(head);
            Put(pool.Storage.Block(block));
            if (hasState)
            {
                Put(MemoryMarshal.AsBytes(pool.Snapshots.State(block)));
            }

            entries[block] = entries.Count;
        }

        stream.Write(hash.GetHashAndReset());
    }

    /// <summary>Reads blocks into unused ones, as many as there are; they become known when the whole file is sound.</summary>
    /// <exception cref="InvalidDataException">The file is broken or another model's.</exception>
    /// <exception cref="EndOfStreamException">The file is cut off.</exception>
    public static void Read(Stream stream, ReadOnlySpan<byte> identity, KvPool pool, int root)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Get(Span<byte> bytes)
        {
            stream.ReadExactly(bytes);
            hash.AppendData(bytes);
        }

        Span<byte> head = stackalloc byte[HeadInts * sizeof(int)];
        byte[] scratch = new byte[pool.Storage.BlockBytes];
        byte[] state = new byte[pool.States.Length * sizeof(float)];
        List<Entry> entries = [];
        List<int> taken = [];
        Get(head[..identity.Length]);
        Require(head[..identity.Length].SequenceEqual(identity), "it was made by another model or program");
        Get(head[..sizeof(int)]);
        int count = BinaryPrimitives.ReadInt32LittleEndian(head);
        Require(count >= 0 && count <= stream.Length / head.Length, $"it claims {count} blocks");
        try
        {
            for (int i = 0; i < count; i++)
            {
                Get(head);
                int[] numbers = Integers(head);
                Require(numbers[0] >= -1 && numbers[0] < i && numbers[2] is 0 or 1, $"its block {i} makes no sense");
                int block = pool.TakeUnused();
                taken.Add(block);
                Get(block < 0 ? scratch : pool.Storage.Block(block));
                bool hasState = numbers[2] == 1;
                if (hasState)
                {
                    Get(state);
                }

                entries.Add(new Entry(block, numbers[0], numbers[1], numbers[3..], hasState ? MemoryMarshal.Cast<byte, float>(state).ToArray() : null));
            }

            stream.ReadExactly(head[..SHA256.HashSizeInBytes]);
            Require(head[..SHA256.HashSizeInBytes].SequenceEqual(hash.GetHashAndReset()), "its contents do not have its digest");
        }
        catch
        {
            taken.ForEach(pool.ReturnUnused);
            throw;
        }

        Enter(entries, pool, root);
    }

    private static void Enter(List<Entry> entries, KvPool pool, int root)
    {
        int[] blocks = new int[entries.Count];
        for (int i = 0; i < blocks.Length; i++)
        {
            Entry entry = entries[i];
            int parent = entry.Parent < 0 ? root : blocks[entry.Parent];
            bool isKnown = entry.Block >= 0 && (entry.Parent < 0 || parent >= 0) && pool.Prefixes.TryAdd(entry.Block, parent, entry.Tokens);
            blocks[i] = isKnown ? entry.Block : -1;
            if (!isKnown)
            {
                pool.ReturnUnused(entry.Block);
                continue;
            }

            pool.Prefixes.SetHits(entry.Block, entry.Hits);
            if (entry.State is not null)
            {
                pool.Snapshots.Add(entry.Block, entry.State);
            }
        }

        // What follows is idle for longer than what it follows.
        for (int i = blocks.Length - 1; i >= 0; i--)
        {
            if (blocks[i] >= 0)
            {
                pool.Prefixes.AddIdle(blocks[i]);
            }
        }
    }

    private static int[] Integers(ReadOnlySpan<byte> bytes)
    {
        int[] numbers = new int[bytes.Length / sizeof(int)];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
        }

        return numbers;
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new InvalidDataException($"the file is not sound: {problem}. It is made anew when the model goes; delete it to be rid of this message.");
        }
    }

    private readonly record struct Entry(int Block, int Parent, int Hits, int[] Tokens, float[]? State);
}
