using Hearth.Server.Files;
using Microsoft.Extensions.Logging;

namespace Hearth.Server.Batches;

/// <summary>The batches that this process works at.</summary>
internal sealed partial class BatchRunner(
    BatchFolder folder, FileFolder files, FileLimits limits, BatchDispatcher dispatcher, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, (BatchRun Run, Task Work)> _runs = new(StringComparer.Ordinal);
    private bool _isDisposed;

    /// <summary>Sends requests to the server's routes.</summary>
    public BatchDispatcher Dispatcher => dispatcher;

    /// <summary>Whether as many batches are open as may be.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                return _runs.Count >= limits.MaxBatches;
            }
        }
    }

    /// <summary>Goes on with what other processes have left.</summary>
    public void Start() => _ = Task.Run(() =>
    {
        try
        {
            files.Sweep();
            folder.Sweep(files.Has);
            foreach (BatchRecord record in folder.List().Where(record => !BatchStatus.IsEnd(record.Status)).OrderBy(record => record.CreatedAt))
            {
                Begin(record);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            FolderFailed(log, exception);
        }
    });

    /// <summary>Works at a batch from now on.</summary>
    public void Begin(BatchRecord record)
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested || _runs.ContainsKey(record.Id))
            {
                return;
            }

            BatchRun run = new(record, folder, files, limits, dispatcher, time);

            // Nothing of the request that makes a batch goes on with it.
            using AsyncFlowControl suppressed = ExecutionContext.SuppressFlow();
            _runs.Add(record.Id, (run, Task.Run(() => RunAsync(run))));
        }
    }

    /// <summary>A batch as it is now.</summary>
    public BatchRecord? Find(string id)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue(id, out (BatchRun Run, Task Work) running))
            {
                return Describe(running.Run.Record);
            }
        }

        return folder.Find(id) is BatchRecord record ? Describe(record) : null;
    }

    /// <summary>The batches of an owner, the newest first.</summary>
    public IReadOnlyList<BatchRecord> List(string? owner) =>
    [
        .. folder.List().Where(record => record.Owner == owner).Select(record => Find(record.Id)).OfType<BatchRecord>()
            .OrderByDescending(record => record.CreatedAt).ThenByDescending(record => record.Id, StringComparer.Ordinal),
    ];

    /// <summary>Lets a batch end with what has been answered, whichever process works at it.</summary>
    /// <exception cref="Store.Storage.StoreException">The file system refuses.</exception>
    public void Cancel(BatchRecord record)
    {
        folder.MarkCancelled(record.Id);
        lock (_gate)
        {
            if (_runs.TryGetValue(record.Id, out (BatchRun Run, Task Work) running))
            {
                running.Run.Cancel();
                return;
            }
        }

        Begin(record);
    }

    /// <summary>The unfinished batch that reads a file; null for none.</summary>
    public string? UserOf(string fileId) => folder.List().FirstOrDefault(record => record.InputFileId == fileId && !BatchStatus.IsEnd(record.Status))?.Id;

    /// <summary>Ends the work; the next process goes on with it.</summary>
    public async Task StopAsync()
    {
        Task[] running;
        lock (_gate)
        {
            running = [.. _runs.Values.Select(run => run.Work)];
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(running);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await StopAsync();
        dispatcher.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(BatchRun run)
    {
        await run.RunAsync(exception => BatchFailed(log, exception, run.Record.Id), _stopping.Token);
        lock (_gate)
        {
            if (run.IsKept)
            {
                _runs.Remove(run.Record.Id);
                run.Dispose();
            }
        }
    }

    private BatchRecord Describe(BatchRecord record) =>
        !BatchStatus.IsEnd(record.Status) && folder.CancelledAt(record.Id) is long since ? record with { Status = BatchStatus.Cancelling, CancellingAt = since } : record;

    [LoggerMessage(LogLevel.Error, "Batch {Id} failed")]
    private static partial void BatchFailed(ILogger logger, Exception exception, string id);

    [LoggerMessage(LogLevel.Error, "The folder of batches cannot be read")]
    private static partial void FolderFailed(ILogger logger, Exception exception);
}
