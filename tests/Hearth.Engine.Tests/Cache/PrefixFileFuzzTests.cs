using System.Security.Cryptography;
using Hearth.Engine.Cache;
using Hearth.Kernels.Attention;
using Hearth.Tests.Fuzzing;

namespace Hearth.Engine.Tests.Cache;

/// <summary>Changed files of saved prefixes: each is read or refused, and the cache is sound after it.</summary>
public sealed class PrefixFileFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private const int Blocks = 6;
    private const int StateLength = 3;
    private static readonly byte[] s_identity = SHA256.HashData("model"u8);

    private protected override FuzzTarget Target { get; } = new("prefixes", Read)
    {
        Seeds = [Whole(3), Whole(1), Whole(0)],
        IsRefusal = FuzzTarget.Refusals(typeof(InvalidDataException), typeof(EndOfStreamException)),
        Repair = bytes =>
        {
            if (bytes.Length >= SHA256.HashSizeInBytes)
            {
                SHA256.HashData(bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes), bytes.AsSpan(bytes.Length - SHA256.HashSizeInBytes));
            }
        },
        Rounds = 4000,
        MaxLength = 64 * 1024,
    };

    private static string Read(byte[] bytes)
    {
        using KvPool pool = Pool();
        try
        {
            PrefixFile.Read(new MemoryStream(bytes), s_identity, pool, pool.Prefixes.RootOf([]));
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            Assert.Equal((0, Blocks), (pool.CachedBlocks, pool.FreeBlocks));
            throw;
        }

        // All blocks can be had.
        Assert.Equal(Blocks, pool.FreeBlocks);
        int cached = pool.CachedBlocks;
        Sequence sequence = new();
        Assert.True(pool.TryReserve(sequence, Blocks * KvStorage.BlockTokens));
        pool.Release(sequence);
        return $"{cached}";
    }

    private static KvPool Pool() => new(new KvStorage([new KvLayerShape(1, 4, 4)], Blocks, KvElementType.F32), StateLength);

    private static byte[] Whole(int blocks)
    {
        using KvPool pool = Pool();
        int[] tokens = [.. Enumerable.Range(0, blocks * KvStorage.BlockTokens).Select(i => i % 50)];
        Sequence sequence = new();
        for (int block = 0; block < blocks; block++)
        {
            Assert.True(pool.TryReserve(sequence, KvStorage.BlockTokens));
            sequence.Advance(KvStorage.BlockTokens);
            pool.Publish(sequence, tokens);
        }

        using MemoryStream stream = new();
        PrefixFile.Write(stream, s_identity, pool, [.. sequence.Blocks.Take(blocks)]);
        return stream.ToArray();
    }
}
