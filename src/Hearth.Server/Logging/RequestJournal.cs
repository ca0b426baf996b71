using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Logging;

/// <summary>The latest requests that asked for something, in memory only. Their prompts and answers are kept only while somebody has said so.</summary>
/// <param name="time">The clock.</param>
internal sealed class RequestJournal(TimeProvider time)
{
    private const int MaxRecords = 512;
    private readonly Lock _gate = new();
    private readonly Queue<RequestRecord> _records = [];
    private volatile bool _keepsTexts;

    /// <summary>Requests since the start.</summary>
    public long Count { get; private set; }

    /// <summary>Whether prompts and answers are kept of requests that come. Those that were are forgotten when it ends.</summary>
    public bool KeepsTexts
    {
        get => _keepsTexts;
        set
        {
            _keepsTexts = value;
            if (!value)
            {
                foreach (RequestRecord record in Latest())
                {
                    record.Forget();
                }
            }
        }
    }

    /// <summary>The latest, the newest first.</summary>
    public IReadOnlyList<RequestRecord> Latest()
    {
        lock (_gate)
        {
            return [.. _records.Reverse()];
        }
    }

    /// <summary>Begins the record of a request, if it is one to be remembered; what runs for it from here on adds to it.</summary>
    public RequestRecord? Begin(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) && !Ui.PagePaths.Contain(context.Request) ? Begin(context.TraceIdentifier, context.Request.Path) : null;

    /// <summary>Begins a record; what runs for the caller from here on adds to it.</summary>
    /// <param name="id">Its ID.</param>
    /// <param name="name">What it asks for.</param>
    public RequestRecord Begin(string id, string name)
    {
        RequestRecord record = new(id, name, time.GetUtcNow(), _keepsTexts);
        lock (_gate)
        {
            Count++;
            _records.Enqueue(record);
            if (_records.Count > MaxRecords)
            {
                _records.Dequeue();
            }
        }

        record.Follow();
        return record;
    }
}
