using System.Runtime.CompilerServices;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Threading;

public sealed class ComputePoolTests
{
    public static TheoryData<int> ThreadCounts => [1, 2, 3, 4];

    [Theory]
    [MemberData(nameof(ThreadCounts))]
    public void Run_ExecutesEveryWorkerOnce(int threads)
    {
        using ComputePool pool = new(threads);
        CountingJob job = new() { Calls = new int[threads] };
        for (int run = 1; run <= 2000; run++)
        {
            pool.Run(ref job);
            Assert.All(job.Calls, calls => Assert.Equal(run, calls));
        }
    }

    [Fact]
    public void Run_KeepsWhatAJobWroteToItself()
    {
        using ComputePool pool = new(3);
        SumJob job = new();
        pool.Run(ref job);
        Assert.Equal(1 + 2 + 3, job.Sum);
    }

    [Fact]
    public void Run_WakesWorkersThatSleep()
    {
        using ComputePool pool = new(3);
        CountingJob job = new() { Calls = new int[3] };
        for (int run = 1; run <= 10; run++)
        {
            Thread.Sleep(5);
            pool.Run(ref job);
            Assert.All(job.Calls, calls => Assert.Equal(run, calls));
        }
    }

    [Fact]
    public void Run_WaitsForSlowWorkers()
    {
        using ComputePool pool = new(4);
        SlowJob job = new() { Done = new bool[4] };
        pool.Run(ref job);
        Assert.All(job.Done, Assert.True);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    public void Run_ThrowsWhatAWorkerThrew(int threads, int failing)
    {
        using ComputePool pool = new(threads);
        FailingJob bad = new() { Failing = failing };
        CountingJob good = new() { Calls = new int[threads] };
        for (int run = 1; run <= 3; run++)
        {
            Assert.Equal("expected", Assert.Throws<FormatException>(() => pool.Run(ref bad)).Message);
            pool.Run(ref good);
            Assert.All(good.Calls, calls => Assert.Equal(run, calls));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Run_RefusesJobsInsideJobs(int threads)
    {
        using ComputePool pool = new(threads);
        NestedJob job = new() { Pool = pool };
        Assert.Throws<InvalidOperationException>(() => pool.Run(ref job));
    }

    [Fact]
    public void Run_TakesCallersInTurn()
    {
        using ComputePool pool = new(2);
        CountingJob shared = new() { Calls = new int[2] };
        Parallel.For(0, 4, _ =>
        {
            CountingJob job = shared;
            for (int i = 0; i < 500; i++)
            {
                pool.Run(ref job);
            }
        });
        Assert.All(shared.Calls, calls => Assert.Equal(2000, calls));
    }

    [Theory]
    [InlineData(1, 1000, 16)]
    [InlineData(3, 1000, 16)]
    [InlineData(3, 10, 16)]
    [InlineData(4, 0, 1)]
    public void RunOverARange_CoversItOnce(int threads, int count, int piece)
    {
        using ComputePool pool = new(threads);
        MarkingJob job = new() { Marks = new int[count] };
        for (int run = 1; run <= 50; run++)
        {
            pool.Run(ref job, count, piece);
            Assert.All(job.Marks, marks => Assert.Equal(run, marks));
        }
    }

    [Fact]
    public void RunOverARange_IsNotHeldByASlowWorker()
    {
        using ComputePool pool = new(2);
        HeldJob job = new() { Others = new StrongBox<int>(), Release = new ManualResetEventSlim() };
        pool.Run(ref job, 100, 1);
        Assert.Equal(99, job.Others.Value);
    }

    [Fact]
    public void RunOverARange_ThrowsWhatAWorkerThrew_AndGoesOn()
    {
        using ComputePool pool = new(3);
        MarkingJob bad = new() { Marks = new int[10] };
        MarkingJob good = new() { Marks = new int[90] };
        Assert.Throws<IndexOutOfRangeException>(() => pool.Run(ref bad, 90, 1));
        pool.Run(ref good, 90, 1);
        Assert.All(good.Marks, marks => Assert.Equal(1, marks));
    }

    [Fact]
    public void Run_DoesNotAllocate()
    {
        using ComputePool pool = new(2);
        SumJob job = new();
        MarkingJob ranges = new() { Marks = new int[100] };
        pool.Run(ref job);
        pool.Run(ref ranges, 100, 8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            pool.Run(ref job);
            pool.Run(ref ranges, 100, 8);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Dispose_StopsAndMayBeRepeated()
    {
        ComputePool pool = new(4);
        pool.Dispose();
        pool.Dispose();
        SumJob job = new();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(ref job));
    }

    [Fact]
    public void Constructor_ChecksTheCount()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ComputePool(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ComputePool(ComputePool.MaximumThreads + 1));
        using ComputePool pool = new();
        Assert.InRange(pool.Threads, 1, Environment.ProcessorCount);
    }

    private struct CountingJob : IParallelJob
    {
        public int[] Calls;

        public readonly void Execute(int worker, int workers)
        {
            Assert.Equal(Calls.Length, workers);
            Calls[worker]++;
        }
    }

    private struct MarkingJob : IRangeJob
    {
        public int[] Marks;

        public readonly void Execute(int start, int end)
        {
            for (int i = start; i < end; i++)
            {
                Interlocked.Increment(ref Marks[i]);
            }
        }
    }

    /// <summary>Whoever takes the first index waits until all others are done, which only the other worker can do.</summary>
    private struct HeldJob : IRangeJob
    {
        public StrongBox<int> Others;
        public ManualResetEventSlim Release;

        public readonly void Execute(int start, int end)
        {
            if (start == 0)
            {
                Assert.True(Release.Wait(TimeSpan.FromMinutes(1)));
                return;
            }

            if (Interlocked.Add(ref Others.Value, end - start) == 99)
            {
                Release.Set();
            }
        }
    }

    private struct SumJob : IParallelJob
    {
        public int Sum;

        public void Execute(int worker, int workers) => Interlocked.Add(ref Sum, worker + 1);
    }

    private struct SlowJob : IParallelJob
    {
        public bool[] Done;

        public readonly void Execute(int worker, int workers)
        {
            Thread.Sleep(worker * 3);
            Done[worker] = true;
        }
    }

    private struct FailingJob : IParallelJob
    {
        public int Failing;

        public readonly void Execute(int worker, int workers)
        {
            if (worker == Failing)
            {
                throw new FormatException("expected");
            }
        }
    }

    private struct NestedJob : IParallelJob
    {
        public ComputePool Pool;

        public readonly void Execute(int worker, int workers)
        {
            if (worker == workers - 1)
            {
                CountingJob inner = new() { Calls = new int[workers] };
                Pool.Run(ref inner);
            }
        }
    }
}
