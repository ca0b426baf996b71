using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Norm;

/// <summary>
/// Root mean square normalisation (Zhang and Sennrich, 2019): y = x / sqrt(mean(x^2) + epsilon) * weight, per token. The squares are summed
/// in 16 partial sums (partial i takes columns i, i+16, … in order, one rounding each), then in the fixed tree.
/// </summary>
public static unsafe partial class RmsNormOp
{
    private const int SerialLimit = 8192;

    /// <summary>Normalises every token.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">[tokens, columns].</param>
    /// <param name="weight">[columns].</param>
    /// <param name="epsilon">Added to the mean; zero or more.</param>
    /// <param name="y">[tokens, columns]; may be <paramref name="x"/> itself.</param>
    /// <param name="tokens">Rows.</param>
    /// <param name="columns">Elements of a row.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape.</exception>
    public static void Run(
        ComputePool pool, ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, Span<float> y, int tokens, int columns) =>
        Run(InstructionSets.Level, pool, x, weight, epsilon, y, tokens, columns);

    internal static void Run(
        InstructionSetLevel level,
        ComputePool pool,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> weight,
        float epsilon,
        Span<float> y,
        int tokens,
        int columns)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(columns);
        OperationArgument.ThrowIfLengthDiffers(x.Length, (long)tokens * columns, "[tokens, columns]", nameof(x));
        OperationArgument.ThrowIfLengthDiffers(weight.Length, columns, "[columns]", nameof(weight));
        OperationArgument.ThrowIfLengthDiffers(y.Length, (long)tokens * columns, "[tokens, columns]", nameof(y));
        fixed (float* pointerX = x, pointerWeight = weight, pointerY = y)
        {
            switch (level)
            {
                case InstructionSetLevel.Avx512:
                    Run<Lanes512>(pool, pointerX, pointerWeight, epsilon, pointerY, tokens, columns);
                    break;
                case InstructionSetLevel.Avx2:
                    Run<Lanes256>(pool, pointerX, pointerWeight, epsilon, pointerY, tokens, columns);
                    break;
                case InstructionSetLevel.Neon:
                    Run<Lanes128>(pool, pointerX, pointerWeight, epsilon, pointerY, tokens, columns);
                    break;
                default:
                    Reference(x, weight, epsilon, y, columns);
                    break;
            }
        }
    }

    private static void Run<TLanes>(ComputePool pool, float* x, float* weight, float epsilon, float* y, int tokens, int columns)
        where TLanes : struct, ILanes<TLanes>
    {
        Job<TLanes> job = new() { X = x, Weight = weight, Epsilon = epsilon, Y = y, Tokens = tokens, Columns = columns };
        if (tokens == 1 || (long)tokens * columns <= SerialLimit)
        {
            job.Execute(0, 1);
        }
        else
        {
            pool.Run(ref job);
        }
    }

    private static void Row<TLanes>(float* x, float* weight, float epsilon, float* y, int columns)
        where TLanes : struct, ILanes<TLanes>
    {
        int whole = columns & ~15;
        float* tail = stackalloc float[16];
        TLanes.Store(tail, TLanes.Create(0f));
        new ReadOnlySpan<float>(x + whole, columns - whole).CopyTo(new Span<float>(tail, 16));

        TLanes squares = TLanes.Create(0f);
        for (int i = 0; i < whole; i += 16)
        {
            TLanes value = TLanes.Load(x + i);
            squares = TLanes.MultiplyAdd(value, value, squares);
        }

        TLanes last = TLanes.Load(tail);
        float sum = TLanes.Sum(TLanes.MultiplyAdd(last, last, squares));
        float inverse = Inverse(sum, columns, epsilon);
        TLanes factor = TLanes.Create(inverse);
        for (int i = 0; i < whole; i += 16)
        {
            TLanes.Store(y + i, TLanes.Multiply(TLanes.Multiply(TLanes.Load(x + i), factor), TLanes.Load(weight + i)));
        }

        for (int i = whole; i < columns; i++)
        {
            y[i] = x[i] * inverse * weight[i];
        }
    }

    private static float Inverse(float squares, int columns, float epsilon) => 1f / MathF.Sqrt((squares / columns) + epsilon);

    private struct Job<TLanes> : IParallelJob
        where TLanes : struct, ILanes<TLanes>
    {
        public float* X;
        public float* Weight;
        public float* Y;
        public float Epsilon;
        public int Tokens;
        public int Columns;

        public readonly void Execute(int worker, int workers)
        {
            (int start, int end) = WorkRange.Of(Tokens, worker, workers);
            for (int token = start; token < end; token++)
            {
                long offset = (long)token * Columns;
                Row<TLanes>(X + offset, Weight, Epsilon, Y + offset, Columns);
            }
        }
    }
}
