namespace Hearth.Kernels.Threading;

/// <summary>The share of one worker of [0, count).</summary>
/// <param name="Start">The first index.</param>
/// <param name="End">The index after the last.</param>
internal readonly record struct WorkRange(int Start, int End)
{
    /// <summary>Indices in the share.</summary>
    internal int Count => End - Start;

    /// <summary>Contiguous shares whose inner borders are multiples of <paramref name="granularity"/>.</summary>
    /// <param name="count">Indices to share out.</param>
    /// <param name="worker">Whose share, in [0, workers).</param>
    /// <param name="workers">How many shares there are.</param>
    /// <param name="granularity">Indices that stay together; one or more.</param>
    internal static WorkRange Of(int count, int worker, int workers, int granularity = 1)
    {
        long units = (count + (long)granularity - 1) / granularity;
        long start = units * worker / workers * granularity;
        long end = units * (worker + 1) / workers * granularity;
        return new WorkRange((int)Math.Min(start, count), (int)Math.Min(end, count));
    }
}
