using Hearth.Server.Errors;
using Hearth.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Hearth.Server.LocalAi;

/// <summary>The jobs of a server. Those that are over are forgotten after an hour, or when there are too many; disposing ends those that run.</summary>
/// <param name="time">The clock.</param>
/// <param name="logs">Where failures are written that are defects.</param>
internal sealed class ModelJobs(TimeProvider time, ILoggerFactory logs) : IAsyncDisposable
{
    /// <summary>Jobs that may run at once.</summary>
    public const int MaxRunning = 16;

    /// <summary>Jobs that are remembered.</summary>
    public const int MaxJobs = 256;

    /// <summary>How long one is remembered that is over.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly List<ModelJob> _jobs = [];
    private readonly CancellationTokenSource _ended = new();
    private bool _isDisposed;

    /// <summary>The jobs that are remembered, oldest first.</summary>
    public IReadOnlyList<ModelJob> All
    {
        get
        {
            lock (_gate)
            {
                Forget();
                return [.. _jobs];
            }
        }
    }

    /// <summary>Begins a job.</summary>
    /// <param name="model">The model.</param>
    /// <param name="work">What it does; it is given the job to tell how far it is.</param>
    /// <exception cref="ApiException">As many run as may, or the server is ending.</exception>
    public ModelJob Start(string model, Func<ModelJob, CancellationToken, Task> work)
    {
        ModelJob job = new(model, isDeletion: false);
        lock (_gate)
        {
            if (_isDisposed)
            {
                throw ServerDrain.Stopping();
            }

            if (_jobs.Count(other => other.Ended is null) >= MaxRunning)
            {
                throw new ApiException(429, "rate_limit_error", $"{MaxRunning} models are being pulled, as many as may at once. Try again when one is done.", null, "too_many_jobs")
                {
                    RetryAfter = TimeSpan.FromSeconds(10),
                };
            }

            Remember(job);

            // Nothing of the request that begins a job goes on with it.
            using AsyncFlowControl suppressed = ExecutionContext.SuppressFlow();
            job.Work = Task.Run(() => RunAsync(job, work), CancellationToken.None);
        }

        return job;
    }

    /// <summary>Remembers a removal that is done.</summary>
    public ModelJob AddDeletion(string model)
    {
        ModelJob job = new(model, isDeletion: true);
        job.End(time.GetUtcNow());
        lock (_gate)
        {
            Remember(job);
        }

        return job;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            running = [.. _jobs.Select(job => job.Work)];
        }

        await _ended.CancelAsync();
        await Task.WhenAll(running);
        _ended.Dispose();
    }

    private async Task RunAsync(ModelJob job, Func<ModelJob, CancellationToken, Task> work)
    {
        try
        {
            await work(job, _ended.Token);
            job.End(time.GetUtcNow());
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            job.End(time.GetUtcNow(), isCancelled: true);
        }
#pragma warning disable CA1031 // Whatever went wrong is told to those who ask for the job.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ApiException error = ErrorTable.Describe(exception);
            if (error.Code == "internal_error")
            {
                ServerLog.JobFailed(logs.CreateLogger(ServerLog.Category), exception, job.Id);
            }

            job.End(time.GetUtcNow(), error.Message);
        }
    }

    private void Remember(ModelJob job)
    {
        Forget();
        _jobs.Add(job);
        while (_jobs.Count > MaxJobs && _jobs.FindIndex(other => other.Ended is not null) is >= 0 and int oldest)
        {
            _jobs.RemoveAt(oldest);
        }
    }

    private void Forget()
    {
        DateTimeOffset before = time.GetUtcNow() - MaxAge;
        _jobs.RemoveAll(job => job.Ended < before);
    }
}
