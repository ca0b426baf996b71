namespace Hearth.Kernels.Threading;

/// <summary>Work that a <see cref="ComputePool"/> runs on all of its workers at once.</summary>
internal interface IParallelJob
{
    /// <summary>Does one worker's share.</summary>
    /// <param name="worker">Which worker, in [0, workers).</param>
    /// <param name="workers">How many workers take part.</param>
    void Execute(int worker, int workers);
}
