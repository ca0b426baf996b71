using Hearth.Server.Errors;
using Hearth.Server.Files;
using Hearth.Store.Storage;

namespace Hearth.Server.Batches;

/// <summary>Takes one batch to its end. Whatever ends the process meanwhile, another one goes on with what is not written yet.</summary>
internal sealed class BatchRun(BatchRecord record, BatchFolder folder, FileFolder files, FileLimits limits, BatchDispatcher dispatcher, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_betweenSaves = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _cancelled = new();
    private readonly Lock _gate = new();
    private BatchRecord _record = record;
    private Exception? _failure;
    private long _saved;

    /// <summary>The batch as it is now.</summary>
    public BatchRecord Record => Volatile.Read(ref _record);

    /// <summary>Whether what has become of the batch is kept.</summary>
    public bool IsKept { get; private set; } = true;

    /// <summary>Ends the batch with what has been answered.</summary>
    public void Cancel() => _cancelled.Cancel();

    /// <summary>Works at the batch, unless another process does.</summary>
    /// <param name="failed">Is told of what goes wrong with the batch as a whole.</param>
    /// <param name="stopping">Ends the work; another run goes on.</param>
    public async Task RunAsync(Action<Exception> failed, CancellationToken stopping)
    {
        using (FileStream? turn = folder.TryLock(Record.Id))
        {
            if (turn is null)
            {
                return;
            }

            Set(folder.Find(Record.Id) ?? Record);
            try
            {
                await AdvanceAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever went wrong is that of the batch; the others go on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failed(exception);
                Fail(exception);
            }
        }

        if (IsKept && BatchStatus.IsEnd(Record.Status))
        {
            folder.Forget(Record.Id);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cancelled.Dispose();

    private async Task AdvanceAsync(CancellationToken stopping)
    {
        SeeWhetherCancelled();
        if (Record.Status == BatchStatus.Validating)
        {
            await ValidateAsync(stopping);
        }

        if (Record.Status == BatchStatus.InProgress)
        {
            await AnswerAsync(stopping);
        }

        if (Record.Status == BatchStatus.Finalizing)
        {
            Finish();
        }
    }

    private async Task ValidateAsync(CancellationToken stopping)
    {
        if (files.TryOpen(Record.InputFileId) is not FileStream file)
        {
            Save(Record with { Errors = [new BatchError("file_not_found", "The input file has been removed.", "input_file_id", null)] }, BatchStatus.Failed);
            return;
        }

        await using (file)
        {
            using CancellationTokenSource work = CancellationTokenSource.CreateLinkedTokenSource(stopping, _cancelled.Token);
            try
            {
                BatchCheck check = await BatchCheck.RunAsync(file, Record.Endpoint, limits, work.Token);
                BatchRecord checkedRecord = Record with { Model = check.Model, Counts = new BatchCounts(check.Lines, 0, 0) };
                if (check.Errors.Count > 0)
                {
                    Save(checkedRecord with { Counts = default, Errors = check.Errors }, BatchStatus.Failed);
                }
                else
                {
                    Save(checkedRecord with { Status = BatchStatus.InProgress, InProgressAt = Now() });
                }
            }
            catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
            {
                Save(Record with { CancellingAt = folder.CancelledAt(Record.Id) }, BatchStatus.Cancelled);
            }
        }
    }

    private async Task AnswerAsync(CancellationToken stopping)
    {
        TimeSpan left = DateTimeOffset.FromUnixTimeSeconds(Record.ExpiresAt) - time.GetUtcNow();
        using CancellationTokenSource window = new(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        using CancellationTokenSource work = CancellationTokenSource.CreateLinkedTokenSource(stopping, _cancelled.Token, window.Token);
        using BatchOutput output = await BatchOutput.OpenAsync(folder, Record.Id, stopping);
        await using FileStream input = files.TryOpen(Record.InputFileId)
            ?? throw new ApiException(404, "invalid_request_error", "The input file has been removed.", "input_file_id", "file_not_found");
        bool isDone = left > TimeSpan.Zero && await AnswerLinesAsync(input, output, work);
        stopping.ThrowIfCancellationRequested();
        string outcome = isDone ? BatchStatus.Completed : _cancelled.IsCancellationRequested ? BatchStatus.Cancelled : BatchStatus.Expired;
        if (outcome == BatchStatus.Expired)
        {
            await ExpireAsync(input, output, stopping);
        }

        output.Flush();
        Report(output);
        Save(Record with
        {
            Status = BatchStatus.Finalizing,
            Outcome = outcome,
            FinalizingAt = Now(),
            CancellingAt = outcome == BatchStatus.Cancelled ? folder.CancelledAt(Record.Id) : null,
            OutputFileId = output.Completed > 0 ? FileFolder.NewId() : null,
            ErrorFileId = output.Failed > 0 ? FileFolder.NewId() : null,
        });
    }

    /// <summary>Answers the lines that are not done.</summary>
    /// <returns>Whether all are.</returns>
    private async Task<bool> AnswerLinesAsync(FileStream input, BatchOutput output, CancellationTokenSource work)
    {
        using SemaphoreSlim places = new(limits.LinesAtOnce);
        List<Task> running = [];
        try
        {
            await foreach (BatchLine line in OpenLinesAsync(input, output, work.Token))
            {
                SeeWhetherCancelled();
                await places.WaitAsync(work.Token);
                running.RemoveAll(task => task.IsCompleted);
                running.Add(AnswerLineAsync(line, output, places, work));
            }
        }
        catch (OperationCanceledException) when (work.IsCancellationRequested)
        {
            // What runs ends by the same token.
        }
        finally
        {
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return _failure is not null ? throw _failure : !work.IsCancellationRequested;
    }

    private async Task AnswerLineAsync(BatchLine line, BatchOutput output, SemaphoreSlim places, CancellationTokenSource work)
    {
        try
        {
            BatchAnswer answer = await dispatcher.RunAsync(Record.Endpoint, line.Body, Record.Owner, work.Token);
            await output.AddAsync(line.CustomId, answer);
            Report(output);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _failure ??= exception;
            await work.CancelAsync();
        }
        finally
        {
            places.Release();
        }
    }

    private async Task ExpireAsync(FileStream input, BatchOutput output, CancellationToken stopping)
    {
        input.Position = 0;
        await foreach (BatchLine line in OpenLinesAsync(input, output, stopping))
        {
            await output.AddErrorAsync(line.CustomId, "batch_expired", "This request could not be executed before the completion window expired.");
        }
    }

    // A line that is being answered is not done yet; each is read once.
    private async IAsyncEnumerable<BatchLine> OpenLinesAsync(
        FileStream input, BatchOutput output, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (JsonLine line in JsonLines.ReadAsync(input, limits.MaxLineBytes, cancellationToken))
        {
            if (!line.Content.IsEmpty && BatchLine.Parse(line.Content, Record.Endpoint) is var parsed && !output.Has(parsed.CustomId))
            {
                yield return parsed;
            }
        }
    }

    // Each step may have been done by a process that ended then.
    private void Finish()
    {
        Keep(Record.OutputFileId, folder.OutputOf(Record.Id), "output");
        Keep(Record.ErrorFileId, folder.ErrorsOf(Record.Id), "error");
        Save(Record, Record.Outcome ?? BatchStatus.Completed);
    }

    private void Keep(string? fileId, string source, string kind)
    {
        if (fileId is null)
        {
            FileFolder.TryDelete(source);
            return;
        }

        FileRecord file = new(fileId, $"{Record.Id}_{kind}.jsonl", "batch_output", 0, 0, null, Record.Owner);
        files.Add(source, file, Record.OutputSeconds is long seconds ? TimeSpan.FromSeconds(seconds) : null);
    }

    private void Fail(Exception exception)
    {
        ApiException error = ErrorTable.Describe(exception);
        BatchRecord failed = Record with
        {
            Errors = [new BatchError(error.Code ?? "internal_error", error.Message, error.Parameter, null)],
            OutputFileId = Record.OutputFileId ?? IdFor(folder.OutputOf(Record.Id)),
            ErrorFileId = Record.ErrorFileId ?? IdFor(folder.ErrorsOf(Record.Id)),
        };
        try
        {
            Keep(failed.OutputFileId, folder.OutputOf(Record.Id), "output");
            Keep(failed.ErrorFileId, folder.ErrorsOf(Record.Id), "error");
            Save(failed, BatchStatus.Failed);
        }
        catch (StoreException)
        {
            // Told as long as this process runs; the next one tries again.
            Set((failed with { OutputFileId = null, ErrorFileId = null }).End(BatchStatus.Failed, Now()));
            IsKept = false;
        }
    }

    private static string? IdFor(string path) => new FileInfo(path) is { Exists: true, Length: > 0 } ? FileFolder.NewId() : null;

    private void SeeWhetherCancelled()
    {
        if (folder.CancelledAt(Record.Id) is not null)
        {
            Cancel();
        }
    }

    private void Report(BatchOutput output)
    {
        lock (_gate)
        {
            Set(Record with { Counts = Record.Counts with { Completed = output.Completed, Failed = output.Failed }, Tokens = output.Tokens });
            if (time.GetElapsedTime(_saved) >= s_betweenSaves)
            {
                Save(Record);
            }
        }
    }

    private void Save(BatchRecord record, string end) => Save(record.End(end, Now()));

    private void Save(BatchRecord record)
    {
        folder.Save(record);
        _saved = time.GetTimestamp();
        Set(record);
    }

    private void Set(BatchRecord record) => Volatile.Write(ref _record, record);

    private long Now() => time.GetUtcNow().ToUnixTimeSeconds();
}
