using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Hearth.Kernels.Threading;

/// <summary>
/// Persistent threads for the operations. The thread that starts an operation is worker 0. Idle workers spin for a moment, because
/// the next operation usually follows within microseconds, and then sleep: an idle pool uses no processor time.
/// Operations may be started from any thread; they run one after the other. A pool with as many workers as there are cores binds each to
/// its core, the caller's thread excepted; with fewer workers the system chooses, for other pools and programs may want the rest.
/// </summary>
public sealed unsafe class ComputePool : IDisposable
{
    /// <summary>More threads than any machine has cores: a bound on what a mistaken argument can cost.</summary>
    public const int MaximumThreads = 1024;

    /// <summary>Workers of a pool that nobody chose a number for: one per physical core.</summary>
    public static int DefaultThreads => CpuTopology.PhysicalCores;

    [ThreadStatic]
    private static ComputePool? t_owner;

    private readonly Lock _callers = new();
    private readonly Signal _generation = new();
    private readonly Signal _running = new();
    private readonly WorkShares _shares;
    private readonly Thread[] _threads;
    private delegate*<void*, int, int, void> _execute;
    private void* _job;
    private Exception? _failure;
    private volatile bool _disposed;

    /// <summary>Starts the workers.</summary>
    /// <param name="threads">Workers, the caller's thread included; 0 is one per physical core.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative or above <see cref="MaximumThreads"/>.</exception>
    public ComputePool(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MaximumThreads);
        Threads = threads == 0 ? DefaultThreads : threads;
        _shares = new WorkShares(Threads);
        _threads = new Thread[Threads - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"Compute {worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Workers, the caller's thread included.</summary>
    public int Threads { get; }

    /// <summary>Stops the workers, after the operation that runs.</summary>
    public void Dispose()
    {
        lock (_callers)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _generation.Increment();
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _shares.Dispose();
    }

    /// <summary>Runs a job on every worker and returns when all are done. Allocates nothing.</summary>
    /// <param name="job">The job; all workers share this one value.</param>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    /// <exception cref="InvalidOperationException">The caller is itself inside a job of this pool.</exception>
    internal void Run<TJob>(ref TJob job)
        where TJob : struct, IParallelJob
    {
        ThrowIfInside();
        lock (_callers)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            RunOnAll(ref job);
        }
    }

    /// <summary>
    /// Runs a job over [0, count) and returns when all of it is done. Every worker begins with a contiguous share; who is done helps the
    /// others. Allocates nothing.
    /// </summary>
    /// <param name="job">The job; all workers share this one value.</param>
    /// <param name="count">Indices.</param>
    /// <param name="piece">Indices of a range: small enough that the wait for the last one is short, large enough that taking it costs nothing.</param>
    /// <param name="granularity">Ranges begin at multiples of this.</param>
    /// <inheritdoc cref="Run{TJob}(ref TJob)" path="/exception"/>
    internal void Run<TJob>(ref TJob job, int count, int piece, int granularity = 1)
        where TJob : struct, IRangeJob
    {
        ThrowIfInside();
        lock (_callers)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_threads.Length == 0 || count <= piece)
            {
                job.Execute(0, count);
                return;
            }

            _shares.Reset(count, piece, granularity);
            RangeJob<TJob> ranges = new() { Job = job, Shares = _shares };
            RunOnAll(ref ranges);
            job = ranges.Job;
        }
    }

    private void ThrowIfInside()
    {
        if (t_owner == this || _callers.IsHeldByCurrentThread)
        {
            throw new InvalidOperationException("A job may not start another one on its own pool.");
        }
    }

    private void RunOnAll<TJob>(ref TJob job)
        where TJob : struct, IParallelJob
    {
        if (_threads.Length == 0)
        {
            job.Execute(0, 1);
            return;
        }

        // A copy on this stack: its address is fixed while the workers use it, and the collector updates references in it.
        TJob shared = job;
        try
        {
            RunOnAll(&ExecuteJob<TJob>, Unsafe.AsPointer(ref shared));
        }
        finally
        {
            job = shared;
        }
    }

    private static void ExecuteJob<TJob>(void* job, int worker, int workers)
        where TJob : struct, IParallelJob => Unsafe.AsRef<TJob>(job).Execute(worker, workers);

    private void RunOnAll(delegate*<void*, int, int, void> execute, void* job)
    {
        _execute = execute;
        _job = job;
        _running.Set(_threads.Length);
        _generation.Increment();
        Execute(0);
        _running.Await(0);
        if (_failure is { } failure)
        {
            _failure = null;
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void Execute(int worker)
    {
        try
        {
            _execute(_job, worker, Threads);
        }
#pragma warning disable CA1031 // Whatever it is, it must surface in the caller and not end the process from a worker.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, exception, null);
        }
    }

    private void Work(int worker)
    {
        t_owner = this;
        if (Threads == CpuTopology.Cores.Count)
        {
            ThreadAffinity.TryBind(CpuTopology.Cores[worker]);
        }

        for (int generation = 1; ; generation++)
        {
            _generation.Await(generation);
            if (_disposed)
            {
                return;
            }

            Execute(worker);
            _running.Decrement();
        }
    }

    private struct RangeJob<TJob> : IParallelJob
        where TJob : struct, IRangeJob
    {
        public TJob Job;
        public WorkShares Shares;

        public void Execute(int worker, int workers)
        {
            while (Shares.TryTake(worker, out WorkRange range))
            {
                Job.Execute(range.Start, range.End);
            }
        }
    }
}
