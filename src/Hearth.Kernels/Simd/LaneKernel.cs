using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Simd;

/// <summary>Runs an <see cref="ILaneKernel"/> at a level, in parallel when that pays.</summary>
internal static class LaneKernel
{
    private const int SerialLimit = 8192;

    /// <summary>Does the units [0, count).</summary>
    /// <param name="level">Which instructions.</param>
    /// <param name="pool">The workers.</param>
    /// <param name="kernel">The work.</param>
    /// <param name="count">Units.</param>
    /// <param name="elements">Elements that all units together go through: what decides whether workers are woken.</param>
    /// <param name="granularity">Units that stay together.</param>
    internal static void Run<TKernel>(
        InstructionSetLevel level, ComputePool pool, in TKernel kernel, int count, long elements, int granularity = 1)
        where TKernel : struct, ILaneKernel
    {
        switch (level)
        {
            case InstructionSetLevel.Avx512:
                Run(pool, new Job<TKernel, Lanes512> { Kernel = kernel, Count = count, Granularity = granularity }, elements);
                break;
            case InstructionSetLevel.Avx2:
                Run(pool, new Job<TKernel, Lanes256> { Kernel = kernel, Count = count, Granularity = granularity }, elements);
                break;
            case InstructionSetLevel.Neon:
                Run(pool, new Job<TKernel, Lanes128> { Kernel = kernel, Count = count, Granularity = granularity }, elements);
                break;
            default:
                Run(pool, new ScalarJob<TKernel> { Kernel = kernel, Count = count, Granularity = granularity }, elements);
                break;
        }
    }

    private static void Run<TJob>(ComputePool pool, TJob job, long elements)
        where TJob : struct, IParallelJob
    {
        if (elements <= SerialLimit)
        {
            job.Execute(0, 1);
        }
        else
        {
            pool.Run(ref job);
        }
    }

    private struct Job<TKernel, TLanes> : IParallelJob
        where TKernel : struct, ILaneKernel
        where TLanes : struct, ILanes<TLanes>
    {
        public TKernel Kernel;
        public int Count;
        public int Granularity;

        public readonly void Execute(int worker, int workers)
        {
            (int start, int end) = WorkRange.Of(Count, worker, workers, Granularity);
            Kernel.Run<TLanes>(start, end);
        }
    }

    private struct ScalarJob<TKernel> : IParallelJob
        where TKernel : struct, ILaneKernel
    {
        public TKernel Kernel;
        public int Count;
        public int Granularity;

        public readonly void Execute(int worker, int workers)
        {
            (int start, int end) = WorkRange.Of(Count, worker, workers, Granularity);
            Kernel.Reference(start, end);
        }
    }
}
