using System.Diagnostics.CodeAnalysis;
using Hearth.Engine.Cache;

namespace Hearth.Engine.Scheduling;

/// <summary>
/// Requests that wait for a place, in order; those in the background when nobody else waits. One that has no room in the cache yet holds up
/// those behind it, so that nobody is passed over for ever.
/// </summary>
internal sealed class AdmissionQueue(KvPool pool, int parallel)
{
    private readonly AdmissionLane _urgent = new();
    private readonly AdmissionLane _background = new();
    private long _arrivals;
    private int _freeBlocksAtRefusal = -1;

    /// <summary>Requests that wait.</summary>
    public int Count => _urgent.Count + _background.Count;

    /// <summary>Whether somebody waits who goes before what runs in the background.</summary>
    public bool HasUrgent => _urgent.Count > 0;

    public void Add(GenerationJob job) => LaneOf(job).Add(job);

    /// <summary>Takes a sequence back whose place or blocks others needed.</summary>
    public void Return(ScheduledSequence sequence) => LaneOf(sequence.Job).Return(sequence);

    /// <summary>Drops requests that are over while they wait.</summary>
    public void RemoveOver(Action<GenerationJob> removed)
    {
        _urgent.RemoveOver(removed);
        _background.RemoveOver(removed);
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

        ScheduledSequence? Begin(GenerationJob job) => begin(job, _arrivals++);
        AdmissionLane lane = _urgent;
        ScheduledSequence? candidate = lane.Peek(Begin);
        if (candidate is null)
        {
            lane = _background;
            candidate = lane.Peek(Begin);
        }

        if (candidate is null)
        {
            return false;
        }

        if (candidate.MayAdopt)
        {
            candidate.NoteAdopted(pool.Adopt(candidate.Cache, candidate.Tokens));
        }

        if (active.Count > 0 && Needed(candidate) + active.Sum(Needed) > pool.FreeBlocks)
        {
            pool.Release(candidate.Cache);
            _freeBlocksAtRefusal = pool.FreeBlocks;
            return false;
        }

        _freeBlocksAtRefusal = -1;
        lane.Take();
        sequence = candidate;
        return true;
    }

    /// <summary>Notes that there may be room again.</summary>
    public void Retry() => _freeBlocksAtRefusal = -1;

    /// <summary>Ends every request that waits.</summary>
    public void Clear(Action<GenerationJob> end)
    {
        _urgent.Clear(end);
        _background.Clear(end);
    }

    private AdmissionLane LaneOf(GenerationJob job) => job.Request.IsBackground ? _background : _urgent;

    // Blocks for what is still to be stored, and one for the answer to begin with.
    private static long Needed(ScheduledSequence sequence) =>
        KvPool.BlocksFor(sequence.Tokens.Length) - sequence.Cache.Blocks.Count + 1;
}
