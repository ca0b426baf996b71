namespace Hearth.Kernels.Threading;

/// <summary>Work over [0, count) that a <see cref="ComputePool"/> shares out in ranges.</summary>
internal interface IRangeJob
{
    /// <summary>Does a range. It is called many times, on several threads at once; every index is in one range.</summary>
    /// <param name="start">The first index.</param>
    /// <param name="end">The index after the last.</param>
    void Execute(int start, int end);
}
