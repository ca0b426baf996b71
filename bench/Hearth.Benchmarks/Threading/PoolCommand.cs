using System.CommandLine;
using System.Diagnostics;
using Hearth.Kernels.Threading;

namespace Hearth.Benchmarks.Threading;

/// <summary><c>pool</c>: how long the compute pool takes to start an empty operation on all workers and to wait for them.</summary>
internal static class PoolCommand
{
    private const int Rounds = 2000;
    private const int OperationsPerRound = 100;

    public static Command Create()
    {
        Option<int> threads = new("--threads") { Description = "Workers [default: one per physical core]" };
        Command command = new("pool", "Measure the meeting of the compute pool's workers.") { threads };
        command.SetAction(result => Run(result.GetValue(threads)));
        return command;
    }

    private static void Run(int threads)
    {
        using ComputePool pool = new(threads);
        EmptyJob job = default;
        var microseconds = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            long started = Stopwatch.GetTimestamp();
            for (int i = 0; i < OperationsPerRound; i++)
            {
                pool.Run(ref job);
            }

            microseconds[round] = Stopwatch.GetElapsedTime(started).TotalMicroseconds / OperationsPerRound;
        }

        Array.Sort(microseconds);
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        Thread.Sleep(1000);
        TimeSpan idle = Process.GetCurrentProcess().TotalProcessorTime - before;
        Console.WriteLine(
            $"{pool.Threads} workers: {microseconds[Rounds / 2]:F2} us an operation (median; {microseconds[Rounds / 10]:F2} to "
            + $"{microseconds[Rounds * 9 / 10]:F2} us for 80 %), {idle.TotalMilliseconds:F1} ms of processor time in the idle second after");
    }

    private readonly struct EmptyJob : IParallelJob
    {
        public void Execute(int worker, int workers)
        {
        }
    }
}
