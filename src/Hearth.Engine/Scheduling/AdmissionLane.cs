namespace Hearth.Engine.Scheduling;

/// <summary>Requests of one urgency that wait for a place: first those that were preempted, which are older, then new ones.</summary>
internal sealed class AdmissionLane
{
    private readonly List<ScheduledSequence> _preempted = [];
    private readonly LinkedList<GenerationJob> _waiting = new();
    private ScheduledSequence? _next;

    /// <summary>Requests that wait.</summary>
    public int Count => _waiting.Count + _preempted.Count + (_next is null ? 0 : 1);

    public void Add(GenerationJob job) => _waiting.AddLast(job);

    /// <summary>Takes a sequence back whose place or blocks others needed.</summary>
    public void Return(ScheduledSequence sequence) => sequence.InsertInto(_preempted);

    /// <summary>The request whose turn it is; null when none waits.</summary>
    /// <param name="begin">Makes a sequence; null when that failed.</param>
    public ScheduledSequence? Peek(Func<GenerationJob, ScheduledSequence?> begin)
    {
        if (_preempted.Count > 0)
        {
            return _preempted[0];
        }

        while (_next is null && _waiting.First is LinkedListNode<GenerationJob> first)
        {
            _waiting.RemoveFirst();
            _next = begin(first.Value);
        }

        return _next;
    }

    /// <summary>Takes away what <see cref="Peek"/> has given.</summary>
    public void Take()
    {
        if (_preempted.Count > 0)
        {
            _preempted.RemoveAt(0);
        }
        else
        {
            _next = null;
        }
    }

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
}
