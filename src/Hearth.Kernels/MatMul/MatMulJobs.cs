using Hearth.Kernels.Threading;

namespace Hearth.Kernels.MatMul;

/// <summary>
/// Products that are shared out together, one after the other in units of rows that cost about the same, so that a worker has one contiguous
/// share of all of them.
/// </summary>
internal unsafe struct MatMulJobs : IRangeJob
{
    /// <summary>Weights of one piece of work: a few microseconds at the bandwidth of memory, long beside taking the piece.</summary>
    private const int PieceBytes = 64 * 1024;

    /// <summary>Below so many multiplications workers are not woken.</summary>
    private const int SerialLimit = 16_384;

    private MatMulJob* _jobs;
    private int _count;

    /// <summary>Computes products.</summary>
    internal static void Run(ComputePool pool, MatMulJob* jobs, int count)
    {
        MatMulJobs all = new() { _jobs = jobs, _count = count };
        int units = 0, piece = 1;
        long multiplications = 0;
        for (int i = 0; i < count; i++)
        {
            ref MatMulJob job = ref jobs[i];
            units = checked(units + job.Units);
            piece = Math.Max(piece, (int)(PieceBytes / Math.Max(job.UnitRows * job.Whole.RowBytes * Math.Max(job.Whole.Tokens / 8, 1), 1)));
            multiplications += (long)job.Whole.Rows * job.Whole.Columns * job.Whole.Tokens;
        }

        if (multiplications <= SerialLimit)
        {
            all.Execute(0, units);
        }
        else
        {
            pool.Run(ref all, units, piece);
        }
    }

    /// <inheritdoc/>
    public readonly void Execute(int start, int end)
    {
        int first = 0;
        for (int i = 0; i < _count && first < end; i++)
        {
            ref MatMulJob job = ref _jobs[i];
            int units = job.Units, rows = job.UnitRows;
            if (first + units > start)
            {
                int from = Math.Max(start - first, 0) * rows;
                int to = Math.Min(Math.Min(end - first, units) * rows, job.Whole.Rows);
                job.Execute(from, to);
            }

            first += units;
        }
    }
}
