using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hearth.Engine.Tokenization;

/// <summary>The merges of a byte-pair vocabulary: from two symbols to their rank and the symbol that they become.</summary>
internal sealed class MergeTable
{
    private readonly Entry[] _entries;
    private readonly int _shift;
    private readonly ulong _multiplier = (ulong)Random.Shared.NextInt64() | 1;

    /// <param name="count">The number of merges.</param>
    public MergeTable(int count)
    {
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, count + (count / 4L)));
        _entries = new Entry[capacity];
        _shift = 64 - BitOperations.Log2((uint)capacity);
    }

    /// <summary>Adds a merge; one of the same two symbols that is there already stays.</summary>
    public void Add(int left, int right, int rank, int merged)
    {
        ref Entry entry = ref Find(Key(left, right));
        if (entry.Key == 0)
        {
            entry = new Entry(Key(left, right), rank, merged);
        }
    }

    /// <summary>Looks a merge up.</summary>
    public bool TryGet(int left, int right, out uint rank, out int merged)
    {
        ref Entry entry = ref Find(Key(left, right));
        rank = (uint)entry.Rank;
        merged = entry.Merged;
        return entry.Key != 0;
    }

    // Ids are not negative, so the key of a pair is never 0, which marks a free entry.
    private static ulong Key(int left, int right) => ((ulong)(left + 1) << 32) | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Entry Find(ulong key)
    {
        int index = (int)((key * _multiplier) >> _shift);
        while (true)
        {
            ref Entry entry = ref _entries[index];
            if (entry.Key == 0 || entry.Key == key)
            {
                return ref entry;
            }

            index = (index + 1) & (_entries.Length - 1);
        }
    }

    private readonly record struct Entry(ulong Key, int Rank, int Merged);
}
