namespace Hearth.Server.OpenAi.Responses;

/// <summary>
/// The responses that a server keeps, in memory: bounded by bytes, by count, and by the time since each was last used. Each is its owner's, and is not
/// there for anybody else. What goes, by itself or because it is deleted, stays part of those that went on from it.
/// </summary>
internal sealed class ResponseStore : IDisposable
{
    private readonly ResponseStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<StoredResponse>> _byId = [];
    private readonly LinkedList<StoredResponse> _byUse = [];
    private readonly ITimer _sweep;
    private long _bytes;

    public ResponseStore(ResponseStoreOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _sweep = time.CreateTimer(_ => Sweep(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Bytes that are counted for what is kept.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Keeps a response; others go where it is too much.</summary>
    public void Add(StoredResponse response)
    {
        lock (_gate)
        {
            response.Used = _time.GetUtcNow();
            _byId.Add(response.Id, _byUse.AddLast(response));
            Hold(response);
            while (_byUse.First is { } oldest && (_bytes > _options.MaxBytes || _byUse.Count > _options.MaxCount))
            {
                Remove(oldest);
            }

            Expire();
        }
    }

    /// <summary>Finds a response, which counts as a use of it.</summary>
    /// <returns>Null when it is not there, not any more, or another owner's.</returns>
    public StoredResponse? Find(string id, string? owner)
    {
        lock (_gate)
        {
            Expire();
            if (!_byId.TryGetValue(id, out LinkedListNode<StoredResponse>? node) || node.Value.Owner != owner)
            {
                return null;
            }

            node.Value.Used = _time.GetUtcNow();
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value;
        }
    }

    /// <summary>An owner's responses, the one used last first.</summary>
    public IReadOnlyList<StoredResponse> Of(string? owner)
    {
        lock (_gate)
        {
            Expire();
            return [.. _byUse.Where(response => response.Owner == owner).Reverse()];
        }
    }

    /// <summary>Removes a response.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(string id, string? owner)
    {
        lock (_gate)
        {
            Expire();
            bool isThere = _byId.TryGetValue(id, out LinkedListNode<StoredResponse>? node) && node.Value.Owner == owner;
            if (isThere)
            {
                Remove(node!);
            }

            return isThere;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _sweep.Dispose();

    private void Sweep()
    {
        lock (_gate)
        {
            Expire();
        }
    }

    // The timer is set for what goes next, so that a server that keeps nothing does nothing.
    private void Expire()
    {
        DateTimeOffset now = _time.GetUtcNow();
        while (_byUse.First is { } oldest && oldest.Value.Used + _options.Lifetime <= now)
        {
            Remove(oldest);
        }

        _sweep.Change(_byUse.First is { } next ? next.Value.Used + _options.Lifetime - now : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void Remove(LinkedListNode<StoredResponse> node)
    {
        _byId.Remove(node.Value.Id);
        _byUse.Remove(node);
        for (StoredResponse? response = node.Value; response is not null && --response.Holders == 0; response = response.Previous)
        {
            _bytes -= response.Bytes;
        }
    }

    private void Hold(StoredResponse added)
    {
        for (StoredResponse? response = added; response is not null && response.Holders++ == 0; response = response.Previous)
        {
            _bytes += response.Bytes;
        }
    }
}
