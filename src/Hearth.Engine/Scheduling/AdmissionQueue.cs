using System.Diagnostics.CodeAnalysis;
using Hearth.Engine.Cache;

namespace Hearth.Engine.Scheduling;

/// <summary>
/// Requests that wait for a place, in order: first those that were preempted, which are older, then new ones. One that has no room in the
/// cache yet holds up those behind it, so that nobody is passed over for ever.
/// </summary>
internal sealed class AdmissionQueue(KvPool pool, int parallel)
{
    private readonly List<ScheduledSequence> _preempted = [];
    private readonly LinkedList<GenerationJob> _waiting = new();
    private ScheduledSequence? _next;
    private long _arrivals;
    private int _freeBlocksAtRefusal = -1;

    /// <summary>Requests that wait.</summary>
    public int Count => _waiting.Count + _preempted.Count + (_next is null ? 0 : 1);

    public void Add(GenerationJob job) => _waiting.AddLast(job);

    /// <summary>Takes a sequence back whose blocks others needed.</summary>
    public void Return(ScheduledSequence sequence) => sequence.InsertInto(_preempted);

    /// <summary>Drops requests that are over while they wait.</summary>
    public void RemoveOver(Action<GenerationJob> removed)
    {
        for (LinkedListNode<GenerationJob>? node = _waiting.First, next; node is not null; node = next)
        {
            next = node.Next;
            if (node.Value.EndIfOver())
            {
                _waiting.Remove(node);
                removed(node.Value);
            }
        }

        for (int i = _preempted.Count - 1; i >= 0; i--)
        {
            if (_preempted[i].Job.EndIfOver())
            {
                removed(_preempted[i].Job);
                _preempted.RemoveAt(i);
            }
        }

        if (_next is not null && _next.Job.EndIfOver())
        {
            removed(_next.Job);
            _next = null;
        }
    }

    /// <summary>The next request, if there is a place and room for its prompt.</summary>
    /// <param name="active">The sequences that run.</param>
    /// <param name="begin">Makes a sequence; null when that failed.</param>
    /// <param name="sequence">The request, which may have been given cached blocks.</param>
    public bool TryNext(
        IReadOnlyCollection<ScheduledSequence> active, Func<GenerationJob, long, ScheduledSequence?> begin, [NotNullWhen(true)] out ScheduledSequence? sequence)
    {
        sequence = null;
        if (active.Count >= parallel || (active.Count > 0 && pool.FreeBlocks <= _freeBlocksAtRefusal))
        {
            return false;
        }

        bool isPreempted = _preempted.Count > 0;
        ScheduledSequence? candidate = isPreempted ? _preempted[0] : NextNew(begin);
        if (candidate is null)
        {
            return false;
        }

        candidate.NoteAdopted(pool.Adopt(candidate.Cache, candidate.Tokens));
        if (active.Count > 0 && Needed(candidate) + active.Sum(Needed) > pool.FreeBlocks)
        {
            pool.Release(candidate.Cache);
            _freeBlocksAtRefusal = pool.FreeBlocks;
            return false;
        }

        _freeBlocksAtRefusal = -1;
        if (isPreempted)
        {
            _preempted.RemoveAt(0);
        }
        else
        {
            _next = null;
        }

        sequence = candidate;
        return true;
    }

    /// <summary>Notes that there may be room again.</summary>
    public void Retry() => _freeBlocksAtRefusal = -1;

    /// <summary>Ends every request that waits.</summary>
    public void Clear(Action<GenerationJob> end)
    {
        _preempted.ForEach(sequence => end(sequence.Job));
        _preempted.Clear();
        if (_next is not null)
        {
            end(_next.Job);
            _next = null;
        }

        foreach (GenerationJob job in _waiting)
        {
            end(job);
        }

        _waiting.Clear();
    }

    private ScheduledSequence? NextNew(Func<GenerationJob, long, ScheduledSequence?> begin)
    {
        while (_next is null && _waiting.First is LinkedListNode<GenerationJob> first)
        {
            _waiting.RemoveFirst();
            _next = begin(first.Value, _arrivals++);
        }

        return _next;
    }

    // Blocks for what is still to be stored, and one for the answer to begin with.
    private static long Needed(ScheduledSequence sequence) =>
        KvPool.BlocksFor(sequence.Tokens.Length) - sequence.Cache.Blocks.Count + 1;
}
