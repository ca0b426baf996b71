using System.Collections.Concurrent;

namespace Hearth.Engine.Scheduling;

/// <summary>
/// Requests on their way to the scheduler's thread: at most so many at once, those that run included. Those in the background are counted for
/// themselves, so that they keep nobody out.
/// </summary>
internal sealed class RequestQueue(int parallel, int maxWaiting) : IDisposable
{
    private const double Weight = 0.1;
    private readonly Lock _submitting = new();
    private readonly ConcurrentQueue<GenerationJob> _arrived = new();
    private readonly ManualResetEventSlim _signal = new(false, spinCount: 0);
    private readonly int[] _unfinished = new int[2];
    private bool _closed;
    private double _secondsPerRequest = 1;

    /// <summary>Takes requests in, all or none.</summary>
    /// <exception cref="QueueFullException">As many wait as may.</exception>
    /// <exception cref="ObjectDisposedException">The model is going away.</exception>
    public void Add(IReadOnlyList<GenerationJob> jobs)
    {
        lock (_submitting)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(LanguageModel));
            int urgent = jobs.Count(job => !job.Request.IsBackground);
            int unfinished = Math.Max(urgent > 0 ? _unfinished[0] : 0, urgent < jobs.Count ? _unfinished[1] : 0);
            if (unfinished + jobs.Count > parallel + maxWaiting)
            {
                int waiting = Math.Max(0, unfinished - parallel);
                double seconds = Volatile.Read(ref _secondsPerRequest) * (waiting + jobs.Count) / parallel;
                throw new QueueFullException(waiting, TimeSpan.FromSeconds(Math.Clamp(seconds, 1, 60)));
            }

            foreach (GenerationJob job in jobs)
            {
                Interlocked.Increment(ref Unfinished(job));
                _arrived.Enqueue(job);
            }
        }

        _signal.Set();
    }

    /// <summary>The next request that came, in order.</summary>
    public bool TryTake(out GenerationJob job) => _arrived.TryDequeue(out job!);

    /// <summary>Sleeps until something comes or the queue is closed.</summary>
    public void Wait()
    {
        _signal.Wait();
        _signal.Reset();
    }

    /// <summary>Notes that a request is over.</summary>
    /// <param name="job">The request.</param>
    /// <param name="running">How long it ran.</param>
    public void Finished(GenerationJob job, TimeSpan running)
    {
        Interlocked.Decrement(ref Unfinished(job));
        Volatile.Write(ref _secondsPerRequest, _secondsPerRequest + (Weight * (running.TotalSeconds - _secondsPerRequest)));
    }

    /// <summary>Whether nothing more is taken in.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>Takes nothing more in, and wakes who waits.</summary>
    public void Close()
    {
        lock (_submitting)
        {
            _closed = true;
        }

        _signal.Set();
    }

    /// <inheritdoc/>
    public void Dispose() => _signal.Dispose();

    private ref int Unfinished(GenerationJob job) => ref _unfinished[job.Request.IsBackground ? 1 : 0];
}
