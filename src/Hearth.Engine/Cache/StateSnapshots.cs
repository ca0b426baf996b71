namespace Hearth.Engine.Cache;

/// <summary>
/// Recurrent states as they were at the end of blocks: what a sequence needs beside the keys and values to go on from there. Their number is
/// bounded; the least recently used goes first.
/// </summary>
internal sealed class StateSnapshots
{
    private const long MaxBytes = 512L << 20;
    private const int MinCount = 4;
    private const int MaxCount = 256;
    private readonly RecurrentStates _states;
    private readonly Dictionary<int, LinkedListNode<Snapshot>> _byBlock = [];
    private readonly LinkedList<Snapshot> _byUse = [];
    private readonly int _capacity;

    /// <param name="states">The states.</param>
    /// <param name="blocks">Blocks at whose ends there may be one.</param>
    public StateSnapshots(RecurrentStates states, int blocks)
    {
        _states = states;
        _capacity = CapacityFor(states.Length, blocks);
    }

    /// <summary>Snapshots that are kept at most, of states of this many elements.</summary>
    public static int CapacityFor(int stateLength, long blocks) =>
        stateLength == 0 ? 0 : (int)Math.Min(blocks, Math.Clamp(MaxBytes / ((long)stateLength * sizeof(float)), MinCount, MaxCount));

    public bool Has(int block) => _byBlock.ContainsKey(block);

    /// <summary>Keeps the state of a slot as that at the end of a block.</summary>
    public void Take(int block, int slot)
    {
        if (_byBlock.TryGetValue(block, out LinkedListNode<Snapshot>? known))
        {
            Use(known);
            return;
        }

        if (_byBlock.Count == _capacity)
        {
            Drop(_byUse.First!.Value.Block);
        }

        Add(block, _states.Whole(slot));
    }

    /// <summary>Sets a slot to the state at the end of a block.</summary>
    public void Restore(int block, int slot)
    {
        LinkedListNode<Snapshot> snapshot = _byBlock[block];
        Use(snapshot);
        _states.Whole(snapshot.Value.Slot).CopyTo(_states.Whole(slot));
    }

    /// <summary>The state at the end of a block.</summary>
    public ReadOnlySpan<float> State(int block) => _states.Whole(_byBlock[block].Value.Slot);

    /// <summary>Keeps a state as that at the end of a block, if there is room.</summary>
    public void Add(int block, ReadOnlySpan<float> state)
    {
        if (_byBlock.Count < _capacity)
        {
            int copy = _states.Acquire();
            state.CopyTo(_states.Whole(copy));
            _byBlock[block] = _byUse.AddLast(new Snapshot(block, copy));
        }
    }

    /// <summary>Forgets the state at the end of a block, if it is there.</summary>
    public void Drop(int block)
    {
        if (_byBlock.Remove(block, out LinkedListNode<Snapshot>? snapshot))
        {
            _byUse.Remove(snapshot);
            _states.Release(snapshot.Value.Slot);
        }
    }

    private void Use(LinkedListNode<Snapshot> snapshot)
    {
        _byUse.Remove(snapshot);
        _byUse.AddLast(snapshot);
    }

    private readonly record struct Snapshot(int Block, int Slot);
}
