using Hearth.Kernels.Memory;

namespace Hearth.Kernels.Threading;

/// <summary>
/// [0, count) in contiguous shares, one per worker. A worker takes its own share from the front in pieces, so that it reads memory in one
/// stream; who is done takes pieces from the back of the share with most left, so that a slow core does not hold the others.
/// </summary>
internal sealed unsafe class WorkShares(int workers) : IDisposable
{
    /// <summary>64-bit words from one share to the next: shares have cache lines of their own.</summary>
    private const int Stride = 16;

    private readonly AlignedBuffer<long> _shares = new(workers * Stride);
    private int _piece;
    private int _granularity;

    /// <summary>Shares everything out. No worker may be taking.</summary>
    /// <param name="count">Indices.</param>
    /// <param name="piece">Indices of a piece; the last of a share may have fewer.</param>
    /// <param name="granularity">Pieces begin at its multiples and have a multiple of it; at most the piece.</param>
    internal void Reset(int count, int piece, int granularity)
    {
        _granularity = granularity;
        _piece = Math.Max(piece / granularity, 1) * granularity;
        for (int worker = 0; worker < workers; worker++)
        {
            (int start, int end) = WorkRange.Of(count, worker, workers, granularity);
            Volatile.Write(ref Share(worker), Pack(start, end));
        }
    }

    /// <summary>Takes the next piece for a worker: of its own share, or of another's.</summary>
    /// <returns>False when nothing is left.</returns>
    internal bool TryTake(int worker, out WorkRange range)
    {
        ref long own = ref Share(worker);
        for (long seen = Volatile.Read(ref own); Start(seen) < End(seen);)
        {
            int end = (int)Math.Min((long)Start(seen) + _piece, End(seen));
            long before = Interlocked.CompareExchange(ref own, Pack(end, End(seen)), seen);
            if (before == seen)
            {
                range = new WorkRange(Start(seen), end);
                return true;
            }

            seen = before;
        }

        return TrySteal(out range);
    }

    /// <inheritdoc/>
    public void Dispose() => _shares.Dispose();

    private bool TrySteal(out WorkRange range)
    {
        while (true)
        {
            int victim = -1;
            long share = 0;
            for (int worker = 0; worker < workers; worker++)
            {
                long seen = Volatile.Read(ref Share(worker));
                if (End(seen) - Start(seen) > End(share) - Start(share))
                {
                    (victim, share) = (worker, seen);
                }
            }

            if (victim < 0)
            {
                range = default;
                return false;
            }

            int kept = Math.Max(End(share) - Start(share) - _piece, 0) / _granularity * _granularity;
            if (Interlocked.CompareExchange(ref Share(victim), Pack(Start(share), Start(share) + kept), share) == share)
            {
                range = new WorkRange(Start(share) + kept, End(share));
                return true;
            }
        }
    }

    private ref long Share(int worker) => ref _shares.Pointer[worker * Stride];

    private static long Pack(int start, int end) => ((long)end << 32) | (uint)start;

    private static int Start(long share) => (int)share;

    private static int End(long share) => (int)(share >> 32);
}
