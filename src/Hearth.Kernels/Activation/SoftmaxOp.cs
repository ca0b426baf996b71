using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>
/// y[c] = e^(x[c] - max) / sum over a row. The sum has 16 partial sums (partial i takes columns i, i+16, … in order) and then the fixed
/// tree, so that a row's result depends on nothing but the row.
/// </summary>
public static unsafe partial class SoftmaxOp
{
    private const int SerialLimit = 4096;

    /// <summary>Replaces every row by its softmax.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">[rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <exception cref="ArgumentException">The span does not have the elements of its shape.</exception>
    public static void Run(ComputePool pool, Span<float> x, int rows, int columns) => Run(InstructionSets.Level, pool, x, rows, columns);

    internal static void Run(InstructionSetLevel level, ComputePool pool, Span<float> x, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(columns);
        OperationArgument.ThrowIfLengthDiffers(x.Length, (long)rows * columns, "[rows, columns]", nameof(x));
        fixed (float* pointer = x)
        {
            switch (level)
            {
                case InstructionSetLevel.Avx512:
                    Run<Lanes512>(pool, pointer, rows, columns);
                    break;
                case InstructionSetLevel.Avx2:
                    Run<Lanes256>(pool, pointer, rows, columns);
                    break;
                case InstructionSetLevel.Neon:
                    Run<Lanes128>(pool, pointer, rows, columns);
                    break;
                default:
                    Reference(x, columns);
                    break;
            }
        }
    }

    private static void Run<TLanes>(ComputePool pool, float* x, int rows, int columns)
        where TLanes : struct, ILanes<TLanes>
    {
        Job<TLanes> job = new() { X = x, Rows = rows, Columns = columns };
        if (rows == 1 || (long)rows * columns <= SerialLimit)
        {
            job.Execute(0, 1);
        }
        else
        {
            pool.Run(ref job);
        }
    }

    private static void Row<TLanes>(float* x, int columns)
        where TLanes : struct, ILanes<TLanes>
    {
        int whole = columns & ~15;
        float* tail = stackalloc float[16];
        new Span<float>(tail, 16).Fill(float.NegativeInfinity);
        new ReadOnlySpan<float>(x + whole, columns - whole).CopyTo(new Span<float>(tail, 16));

        TLanes most = TLanes.Load(tail);
        for (int i = 0; i < whole; i += 16)
        {
            most = TLanes.Max(most, TLanes.Load(x + i));
        }

        TLanes max = TLanes.Create(TLanes.MaxAcross(most));
        TLanes sum = TLanes.Create(0f);
        for (int i = 0; i < whole; i += 16)
        {
            TLanes value = FloatMath.Exp(TLanes.Subtract(TLanes.Load(x + i), max));
            sum = TLanes.Add(sum, value);
            TLanes.Store(x + i, value);
        }

        TLanes last = FloatMath.Exp(TLanes.Subtract(TLanes.Load(tail), max));
        TLanes inverse = TLanes.Create(1f / TLanes.Sum(TLanes.Add(sum, last)));
        for (int i = 0; i < whole; i += 16)
        {
            TLanes.Store(x + i, TLanes.Multiply(TLanes.Load(x + i), inverse));
        }

        TLanes.Store(tail, TLanes.Multiply(last, inverse));
        new ReadOnlySpan<float>(tail, columns - whole).CopyTo(new Span<float>(x + whole, columns - whole));
    }

    private struct Job<TLanes> : IParallelJob
        where TLanes : struct, ILanes<TLanes>
    {
        public float* X;
        public int Rows;
        public int Columns;

        public readonly void Execute(int worker, int workers)
        {
            (int start, int end) = WorkRange.Of(Rows, worker, workers);
            for (int row = start; row < end; row++)
            {
                Row<TLanes>(X + ((long)row * Columns), Columns);
            }
        }
    }
}
