using System.Runtime.Intrinsics;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Memory;

/// <summary>Adds up memory, as fast as it can be read: what a machine's read bandwidth is measured with.</summary>
public static unsafe partial class ReadSumOp
{
    private const int Accumulators = 4;

    /// <summary>The sum of the words modulo 2^64, which no order of summation changes. Each worker reads one contiguous range.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="words">The memory.</param>
    public static ulong Run(ComputePool pool, ReadOnlySpan<ulong> words) => Run(InstructionSets.Level, pool, words);

    internal static ulong Run(InstructionSetLevel level, ComputePool pool, ReadOnlySpan<ulong> words)
    {
        ArgumentNullException.ThrowIfNull(pool);
        fixed (ulong* pointer = words)
        {
            Job job = new() { Level = level, Words = pointer, Count = words.Length };
            pool.Run(ref job);
            return job.Sum;
        }
    }

    private static ulong Sum512(ulong* words, int count)
    {
        Vector512<ulong> a = default, b = default, c = default, d = default;
        int i = 0;
        for (int width = Vector512<ulong>.Count; i <= count - (Accumulators * width); i += Accumulators * width)
        {
            a += Vector512.Load(words + i);
            b += Vector512.Load(words + i + width);
            c += Vector512.Load(words + i + (2 * width));
            d += Vector512.Load(words + i + (3 * width));
        }

        return Vector512.Sum(a + b + c + d) + Reference(new ReadOnlySpan<ulong>(words + i, count - i));
    }

    private static ulong Sum256(ulong* words, int count)
    {
        Vector256<ulong> a = default, b = default, c = default, d = default;
        int i = 0;
        for (int width = Vector256<ulong>.Count; i <= count - (Accumulators * width); i += Accumulators * width)
        {
            a += Vector256.Load(words + i);
            b += Vector256.Load(words + i + width);
            c += Vector256.Load(words + i + (2 * width));
            d += Vector256.Load(words + i + (3 * width));
        }

        return Vector256.Sum(a + b + c + d) + Reference(new ReadOnlySpan<ulong>(words + i, count - i));
    }

    private static ulong Sum128(ulong* words, int count)
    {
        Vector128<ulong> a = default, b = default, c = default, d = default;
        int i = 0;
        for (int width = Vector128<ulong>.Count; i <= count - (Accumulators * width); i += Accumulators * width)
        {
            a += Vector128.Load(words + i);
            b += Vector128.Load(words + i + width);
            c += Vector128.Load(words + i + (2 * width));
            d += Vector128.Load(words + i + (3 * width));
        }

        return Vector128.Sum(a + b + c + d) + Reference(new ReadOnlySpan<ulong>(words + i, count - i));
    }

    private struct Job : IParallelJob
    {
        public InstructionSetLevel Level;
        public ulong* Words;
        public int Count;
        public ulong Sum;

        public void Execute(int worker, int workers)
        {
            (int start, int end) = WorkRange.Of(Count, worker, workers, Accumulators * Vector512<ulong>.Count);
            ulong* share = Words + start;
            int count = end - start;
            Interlocked.Add(ref Sum, Level switch
            {
                InstructionSetLevel.Avx512 => Sum512(share, count),
                InstructionSetLevel.Avx2 => Sum256(share, count),
                InstructionSetLevel.Neon => Sum128(share, count),
                _ => Reference(new ReadOnlySpan<ulong>(share, count)),
            });
        }
    }
}
