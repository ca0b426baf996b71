using Hearth.Store.Transfer;

namespace Hearth.Server.LocalAi;

/// <summary>A model on its way here, or one that was removed; in the background, so that clients come and ask.</summary>
/// <param name="model">The model.</param>
/// <param name="isDeletion">Whether it is removed.</param>
internal sealed class ModelJob(string model, bool isDeletion) : IProgress<TransferProgress>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _layers = new(StringComparer.Ordinal);
    private string _file = string.Empty;
    private string _message = "processing";
    private string? _error;
    private long _total;
    private bool _isCancelled;
    private DateTimeOffset? _ended;

    /// <summary>Its name.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>What it does; ended when it is over, however that was.</summary>
    public Task Work { get; set; } = Task.CompletedTask;

    /// <summary>When it was over; null while it runs.</summary>
    public DateTimeOffset? Ended
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    /// <inheritdoc/>
    public void Report(TransferProgress value)
    {
        lock (_gate)
        {
            _total = Math.Max(_total, value.Total);
            _message = value.Message;
            if ((value.Layer?.ToString() ?? value.LayerName) is string layer)
            {
                _file = value.LayerName ?? layer;
                _layers[layer] = value.LayerDone;
            }
        }
    }

    /// <summary>Notes its end.</summary>
    /// <param name="now">When.</param>
    /// <param name="error">What went wrong; null for nothing.</param>
    /// <param name="isCancelled">Whether the server ended it.</param>
    public void End(DateTimeOffset now, string? error = null, bool isCancelled = false)
    {
        lock (_gate)
        {
            (_error, _isCancelled, _ended) = (error, isCancelled, now);
            _message = error is not null ? $"error: {error}" : isCancelled ? "cancelled" : "completed";
        }
    }

    /// <summary>How far it is, as LocalAI says it.</summary>
    public JobBody Describe()
    {
        lock (_gate)
        {
            bool isDone = _ended is not null && _error is null && !_isCancelled;
            long done = Math.Min(_layers.Values.Sum(), _total);
            return new JobBody
            {
                FileName = _file,
                Error = _error,
                Processed = _ended is not null,
                Message = _message,
                Progress = isDone ? 100 : _total > 0 ? 100.0 * done / _total : 0,
                FileSize = Size(_total),
                DownloadedSize = Size(isDone ? _total : done),
                GalleryElementName = model,
                Deletion = isDeletion,
                Cancelled = _isCancelled,
            };
        }
    }

    private static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return FormattableString.Invariant($"{value:0.#} {units[unit]}");
    }
}
