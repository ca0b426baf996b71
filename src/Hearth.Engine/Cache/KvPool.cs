using Hearth.Kernels.Attention;

namespace Hearth.Engine.Cache;

/// <summary>The key-value cache of one model: fixed blocks of positions, handed out to sequences as they grow.</summary>
public sealed class KvPool : IDisposable
{
    private readonly Stack<int> _free;

    /// <summary>A pool over <paramref name="storage"/>, which it owns.</summary>
    /// <param name="storage">Keys and values.</param>
    /// <param name="stateLength">Elements of a sequence's recurrent state; 0 for models without recurrent layers.</param>
    public KvPool(KvStorage storage, int stateLength = 0)
    {
        Storage = storage;
        States = new RecurrentStates(stateLength);
        _free = new Stack<int>(storage.Blocks);
        for (int block = storage.Blocks - 1; block >= 0; block--)
        {
            _free.Push(block);
        }
    }

    /// <summary>The memory behind the blocks.</summary>
    public KvStorage Storage { get; }

    /// <summary>The states of recurrent layers.</summary>
    public RecurrentStates States { get; }

    /// <summary>Positions that the whole pool holds.</summary>
    public long Capacity => (long)Storage.Blocks * KvStorage.BlockTokens;

    /// <summary>Blocks that no sequence has.</summary>
    public int FreeBlocks => _free.Count;

    /// <summary>Gives a sequence the blocks that <paramref name="tokens"/> more positions need; all or none.</summary>
    /// <returns>False when too few blocks are free.</returns>
    public bool TryReserve(Sequence sequence, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        long needed = (((long)sequence.Length + tokens + KvStorage.BlockTokens - 1) / KvStorage.BlockTokens) - sequence.Blocks.Count;
        if (needed > _free.Count)
        {
            return false;
        }

        for (; needed > 0; needed--)
        {
            sequence.AddBlock(_free.Pop());
        }

        if (sequence.StateSlot == RecurrentStates.None)
        {
            sequence.StateSlot = States.Acquire();
        }

        return true;
    }

    /// <summary>Takes a sequence's blocks back and empties it.</summary>
    public void Release(Sequence sequence)
    {
        ReadOnlySpan<int> blocks = sequence.BlockTable;
        for (int i = blocks.Length - 1; i >= 0; i--)
        {
            _free.Push(blocks[i]);
        }

        States.Release(sequence.StateSlot);
        sequence.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Storage.Dispose();
        States.Dispose();
    }
}
