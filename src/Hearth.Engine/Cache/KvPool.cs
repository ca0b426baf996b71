using Hearth.Kernels.Attention;

namespace Hearth.Engine.Cache;

/// <summary>
/// The key-value cache of one model: fixed blocks of positions, handed out to sequences as they grow. Full blocks whose tokens were
/// published are shared by all sequences that begin with the same tokens, and stay until their memory is needed.
/// </summary>
public sealed class KvPool : IDisposable
{
    private readonly Stack<int> _free;
    private readonly int[] _references;
    private readonly PrefixIndex _prefixes;
    private readonly StateSnapshots _snapshots;

    /// <summary>A pool over <paramref name="storage"/>, which it owns.</summary>
    /// <param name="storage">Keys and values.</param>
    /// <param name="stateLength">Elements of a sequence's recurrent state; 0 for models without recurrent layers.</param>
    public KvPool(KvStorage storage, int stateLength = 0)
    {
        Storage = storage;
        States = new RecurrentStates(stateLength);
        _snapshots = new StateSnapshots(States, storage.Blocks);
        _prefixes = new PrefixIndex(storage.Blocks);
        _references = new int[storage.Blocks];
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

    /// <summary>Blocks that no sequence has, those with known tokens included.</summary>
    public int FreeBlocks => _free.Count + _prefixes.IdleCount;

    /// <summary>Blocks that no sequence has and whose tokens are known.</summary>
    public int CachedBlocks => _prefixes.IdleCount;

    /// <summary>Blocks that sequences have.</summary>
    public int UsedBlocks => Storage.Blocks - FreeBlocks;

    /// <summary>The known tokens.</summary>
    internal PrefixIndex Prefixes => _prefixes;

    /// <summary>Gives a sequence the blocks that <paramref name="tokens"/> more positions need; all or none.</summary>
    /// <returns>False when too few blocks are free.</returns>
    public bool TryReserve(Sequence sequence, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        long needed = BlocksFor((long)sequence.Length + tokens) - sequence.Blocks.Count;
        if (needed > FreeBlocks)
        {
            return false;
        }

        for (; needed > 0; needed--)
        {
            int block = TakeFree();
            _references[block] = 1;
            sequence.AddBlock(block);
        }

        if (sequence.StateSlot == RecurrentStates.None)
        {
            sequence.StateSlot = States.Acquire();
        }

        return true;
    }

    /// <summary>
    /// Lets a sequence go on with blocks that hold its next tokens already, as far as there are any. At least one token is left to compute,
    /// for its logits are wanted.
    /// </summary>
    /// <param name="sequence">A sequence that ends with a full block, or is empty.</param>
    /// <param name="tokens">All its tokens, those that are stored and those to come.</param>
    /// <returns>How many tokens it got.</returns>
    public int Adopt(Sequence sequence, ReadOnlySpan<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        int first = sequence.Length / KvStorage.BlockTokens;
        if (sequence.Length % KvStorage.BlockTokens != 0 || sequence.Blocks.Count != first || sequence.PublishedBlocks != first)
        {
            return 0;
        }

        List<int> found = FindFollowing(sequence, tokens[..Math.Max(0, tokens.Length - 1)]);
        while (States.Length > 0 && found.Count > 0 && !_snapshots.Has(found[^1]))
        {
            found.RemoveAt(found.Count - 1);
        }

        foreach (int block in found)
        {
            AddReference(block);
            _prefixes.CountHit(block);
            sequence.AddBlock(block);
        }

        if (States.Length > 0 && found.Count > 0)
        {
            sequence.StateSlot = sequence.StateSlot == RecurrentStates.None ? States.Acquire() : sequence.StateSlot;
            _snapshots.Restore(found[^1], sequence.StateSlot);
        }

        sequence.PublishedBlocks += found.Count;
        sequence.Advance(found.Count * KvStorage.BlockTokens);
        return found.Count * KvStorage.BlockTokens;
    }

    /// <summary>
    /// Makes the tokens of a sequence's full blocks known, so that others can go on from them. Blocks that hold what is known already are
    /// given back and the known ones taken.
    /// </summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="tokens">Its stored tokens, or more.</param>
    /// <param name="replacesState">Whether the recurrent state at its end replaces the one that was kept for it before.</param>
    public void Publish(Sequence sequence, ReadOnlySpan<int> tokens, bool replacesState = false)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        int root = RootOf(sequence);
        if (root == PrefixIndex.NoRoot)
        {
            return;
        }

        for (int index = sequence.PublishedBlocks; index < sequence.Length / KvStorage.BlockTokens; index++)
        {
            int parent = index == 0 ? root : sequence.Blocks[index - 1];
            ReadOnlySpan<int> content = tokens.Slice(index * KvStorage.BlockTokens, KvStorage.BlockTokens);
            int known = _prefixes.Find(parent, content);
            if (known >= 0)
            {
                AddReference(known);
                _references[sequence.Blocks[index]] = 0;
                _free.Push(sequence.Blocks[index]);
                sequence.SetBlock(index, known);
            }
            else if (!_prefixes.TryAdd(sequence.Blocks[index], parent, content))
            {
                return;
            }

            sequence.PublishedBlocks = index + 1;
        }

        TakeSnapshot(sequence, replacesState);
    }

    /// <summary>Takes a sequence's blocks back and empties it. Published ones stay known while nobody needs their memory.</summary>
    public void Release(Sequence sequence)
    {
        ReadOnlySpan<int> blocks = sequence.BlockTable;
        for (int i = blocks.Length - 1; i >= 0; i--)
        {
            if (--_references[blocks[i]] > 0)
            {
                continue;
            }

            if (_prefixes.IsKnown(blocks[i]))
            {
                _prefixes.AddIdle(blocks[i]);
            }
            else
            {
                _free.Push(blocks[i]);
            }
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

    /// <summary>Blocks that hold this many positions.</summary>
    internal static long BlocksFor(long positions) => (positions + KvStorage.BlockTokens - 1) / KvStorage.BlockTokens;

    /// <summary>The states at the ends of blocks.</summary>
    internal StateSnapshots Snapshots => _snapshots;

    /// <summary>Takes a block to fill with what is to become known; -1 when every block is taken or known.</summary>
    internal int TakeUnused() => _free.TryPop(out int block) ? block : -1;

    /// <summary>Gives such a block back; nothing for -1.</summary>
    internal void ReturnUnused(int block)
    {
        if (block >= 0)
        {
            // Padding that no kernel writes must stay zero.
            Storage.Block(block).Clear();
            _free.Push(block);
        }
    }

    /// <summary>What the first block of a sequence follows.</summary>
    internal int RootOf(Sequence sequence)
    {
        if (sequence.PrefixRoot is not int root)
        {
            root = _prefixes.RootOf(sequence.AdapterScales);
            sequence.PrefixRoot = root;
        }

        return root;
    }

    private List<int> FindFollowing(Sequence sequence, ReadOnlySpan<int> tokens)
    {
        List<int> found = [];
        int parent = sequence.Blocks.Count == 0 ? RootOf(sequence) : sequence.Blocks[^1];
        if (RootOf(sequence) == PrefixIndex.NoRoot)
        {
            return found;
        }

        for (int at = sequence.Length; at + KvStorage.BlockTokens <= tokens.Length; at += KvStorage.BlockTokens)
        {
            int block = _prefixes.Find(parent, tokens.Slice(at, KvStorage.BlockTokens));
            if (block < 0)
            {
                break;
            }

            found.Add(block);
            parent = block;
        }

        return found;
    }

    private void TakeSnapshot(Sequence sequence, bool replaces)
    {
        if (States.Length == 0 || sequence.Length == 0 || sequence.Length % KvStorage.BlockTokens != 0)
        {
            return;
        }

        int block = sequence.Blocks[(sequence.Length / KvStorage.BlockTokens) - 1];
        if (replaces && sequence.StateBlock is int earlier)
        {
            _snapshots.Drop(earlier);
        }

        _snapshots.Take(block, sequence.StateSlot);
        sequence.StateBlock = replaces ? block : null;
    }

    private void AddReference(int block)
    {
        if (_references[block]++ == 0)
        {
            _prefixes.RemoveIdle(block);
        }
    }

    private int TakeFree()
    {
        if (_free.TryPop(out int block))
        {
            return block;
        }

        block = _prefixes.Evict();
        _snapshots.Drop(block);
        return block;
    }
}
