namespace Hearth.Engine.Tokenization;

/// <summary>A piece of text while it is being merged: part of a linked list in text order.</summary>
internal struct MergeSymbol
{
    /// <summary>Where its bytes begin.</summary>
    public int Start;

    /// <summary>Its bytes; 0 once it was merged into its left neighbour.</summary>
    public int Length;

    /// <summary>The left neighbour, or -1.</summary>
    public int Previous;

    /// <summary>The right neighbour, or -1.</summary>
    public int Next;

    /// <summary>Its id, or -1 when it has none.</summary>
    public int Id;
}

/// <summary>Says which neighbours merge, and when. A struct, so that the merging loop is compiled for each kind.</summary>
internal interface IMergeRule
{
    /// <summary>Whether two neighbours merge.</summary>
    /// <param name="left">The left one.</param>
    /// <param name="right">The right one.</param>
    /// <param name="order">Lower merges earlier; on a tie the leftmost pair does.</param>
    /// <param name="id">The id of the merged symbol.</param>
    bool TryMerge(in MergeSymbol left, in MergeSymbol right, out uint order, out int id);
}

/// <summary>
/// Merges neighbours in the order of a rule until none merge, in O(n log n): candidates wait in a heap, and one that is stale when it
/// comes out
/// (a side of it was merged away, or grew) is dropped.
/// </summary>
internal sealed class PairMerger
{
    private readonly PriorityQueue<Candidate, ulong> _queue = new();
    private MergeSymbol[] _symbols = new MergeSymbol[64];

    /// <summary>The number of symbols that were added.</summary>
    public int Count { get; private set; }

    /// <summary>Candidates looked at since the merger was made: the measure of its work.</summary>
    public long Operations { get; private set; }

    /// <summary>The symbols; from the first one, <see cref="MergeSymbol.Next"/> leads through those that are left.</summary>
    public ReadOnlySpan<MergeSymbol> Symbols => _symbols.AsSpan(0, Count);

    /// <summary>Removes all symbols.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a symbol to the right.</summary>
    public void Add(int start, int length, int id)
    {
        if (Count == _symbols.Length)
        {
            Array.Resize(ref _symbols, 2 * Count);
        }

        if (Count > 0)
        {
            _symbols[Count - 1].Next = Count;
        }

        _symbols[Count] = new MergeSymbol { Start = start, Length = length, Previous = Count - 1, Next = -1, Id = id };
        Count++;
    }

    /// <summary>Merges until nothing merges.</summary>
    public void Merge<TRule>(TRule rule)
        where TRule : struct, IMergeRule
    {
        _queue.Clear();
        for (int i = 1; i < Count; i++)
        {
            Push(rule, i - 1, i);
        }

        while (_queue.TryDequeue(out Candidate candidate, out ulong priority))
        {
            int leftIndex = (int)(uint)priority;
            ref MergeSymbol left = ref _symbols[leftIndex];
            ref MergeSymbol right = ref _symbols[candidate.Right];
            if (left.Length == 0 || right.Length == 0 || left.Length + right.Length != candidate.Length)
            {
                continue;
            }

            left.Length = candidate.Length;
            left.Id = candidate.Id;
            left.Next = right.Next;
            right.Length = 0;
            if (right.Next >= 0)
            {
                _symbols[right.Next].Previous = leftIndex;
            }

            Push(rule, left.Previous, leftIndex);
            Push(rule, leftIndex, left.Next);
        }
    }

    private void Push<TRule>(TRule rule, int left, int right)
        where TRule : struct, IMergeRule
    {
        if (left < 0 || right < 0)
        {
            return;
        }

        Operations++;
        if (rule.TryMerge(_symbols[left], _symbols[right], out uint order, out int id))
        {
            _queue.Enqueue(new Candidate(right, _symbols[left].Length + _symbols[right].Length, id), ((ulong)order << 32) | (uint)left);
        }
    }

    private readonly record struct Candidate(int Right, int Length, int Id);
}
