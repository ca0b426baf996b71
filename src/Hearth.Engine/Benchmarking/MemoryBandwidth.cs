using System.Diagnostics;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Threading;

namespace Hearth.Engine.Benchmarking;

/// <summary>How fast the machine reads memory.</summary>
public static class MemoryBandwidth
{
    private const int Passes = 7;
    private const long LeastBytes = 256L << 20;
    private const long MostBytes = 4L << 30;

    /// <summary>
    /// Measures the read bandwidth: all threads add up a buffer four times as large as the last level of caches (at least 256 MiB, at most
    /// 4 GiB or a quarter of the memory), several times; the fastest counts.
    /// </summary>
    /// <param name="threads">Threads; 0 for one per physical core.</param>
    /// <param name="cancellationToken">Ends the work between passes.</param>
    /// <returns>Bytes per second.</returns>
    public static double Measure(int threads, CancellationToken cancellationToken = default)
    {
        long most = Math.Min(MostBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        long bytes = Math.Min(Math.Max(4 * CpuCaches.LastLevelBytes, LeastBytes), most);
        return Measure(threads, (int)(bytes / sizeof(ulong)), cancellationToken);
    }

    internal static double Measure(int threads, int words, CancellationToken cancellationToken)
    {
        using ComputePool pool = new(threads);
        using AlignedBuffer<ulong> buffer = new(words);

        // Pages that were never written are one page of zeros, which the nearest cache holds.
        buffer.Span.Fill(1);
        double best = 0;
        for (int pass = 0; pass < Passes; pass++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long started = Stopwatch.GetTimestamp();
            ulong sum = ReadSumOp.Run(pool, buffer.Span);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Debug.Assert(sum == (ulong)words, "Every word is one.");
            best = Math.Max(best, (double)words * sizeof(ulong) / seconds);
        }

        return best;
    }
}
