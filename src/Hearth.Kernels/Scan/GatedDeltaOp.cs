using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Scan;

/// <summary>
/// The gated delta rule (Yang, Kautz and Hatamizadeh, arXiv:2412.06464) as a recurrence. Per row, head and value element j, where S[j] is a
/// row of the state with an element per key element i: S[j, i] = S[j, i] e^g, then u = beta (v[j] - sum over i of S[j, i] k[i]), then
/// S[j, i] += u k[i], then y[j] = scale * sum over i of S[j, i] q[i]. With one g per key element it is Kimi Delta Attention
/// (arXiv:2510.26692). Sums have 16 partial sums (partial p takes elements p, p+16, … in order, one rounding each), then the fixed tree.
/// Nothing is summed over rows, so a sequence may be given in any number of calls with the same result.
/// </summary>
public static unsafe class GatedDeltaOp
{
    private const int Strip = 16;

    /// <summary>Goes through the rows of one sequence and advances the state.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="q">[rows, key heads, key size], normalised by the caller.</param>
    /// <param name="k">[rows, key heads, key size], normalised by the caller.</param>
    /// <param name="v">[rows, heads, value size].</param>
    /// <param name="g">The logarithms of the decays, at most zero: [rows, heads], or [rows, heads, key size].</param>
    /// <param name="beta">[rows, heads]: the strengths of writing, after the logistic function.</param>
    /// <param name="scale">What the output is multiplied by; 1 / sqrt(key size) in Qwen3-Next.</param>
    /// <param name="state">[heads, value size, key size], read and advanced; zeros before the first row.</param>
    /// <param name="y">[rows, heads, value size]; may be <paramref name="v"/> itself.</param>
    /// <param name="rows">Rows, one per token.</param>
    /// <param name="shape">The layer's sizes.</param>
    /// <exception cref="ArgumentException">
    /// A span does not have the elements of its shape, the key heads do not divide the heads, or the output overlaps queries or keys.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the key size too large.</exception>
    public static void Run(
        ComputePool pool,
        ReadOnlySpan<float> q,
        ReadOnlySpan<float> k,
        ReadOnlySpan<float> v,
        ReadOnlySpan<float> g,
        ReadOnlySpan<float> beta,
        float scale,
        Span<float> state,
        Span<float> y,
        int rows,
        GatedDeltaShape shape) =>
        Run(InstructionSets.Level, pool, q, k, v, g, beta, scale, state, y, rows, shape);

    internal static void Run(
        InstructionSetLevel level,
        ComputePool pool,
        ReadOnlySpan<float> q,
        ReadOnlySpan<float> k,
        ReadOnlySpan<float> v,
        ReadOnlySpan<float> g,
        ReadOnlySpan<float> beta,
        float scale,
        Span<float> state,
        Span<float> y,
        int rows,
        GatedDeltaShape shape)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(shape.Heads);
        OperationArgument.ThrowIfNotPositive(shape.KeyHeads);
        OperationArgument.ThrowIfNotPositive(shape.KeySize);
        OperationArgument.ThrowIfNotPositive(shape.ValueSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.KeySize, GatedDeltaShape.MaxKeySize);
        OperationArgument.ThrowIfNotDivisible(shape.Heads, shape.KeyHeads, nameof(shape));
        long keys = (long)rows * shape.KeyHeads * shape.KeySize;
        long values = (long)shape.Heads * shape.ValueSize;
        long heads = (long)rows * shape.Heads;
        bool perKey = shape.KeySize > 1 && g.Length == heads * shape.KeySize;
        OperationArgument.ThrowIfLengthDiffers(q.Length, keys, "[rows, key heads, key size]", nameof(q));
        OperationArgument.ThrowIfLengthDiffers(k.Length, keys, "[rows, key heads, key size]", nameof(k));
        OperationArgument.ThrowIfLengthDiffers(v.Length, rows * values, "[rows, heads, value size]", nameof(v));
        OperationArgument.ThrowIfLengthDiffers(
            g.Length, perKey ? g.Length : heads, "[rows, heads] (or [rows, heads, key size])", nameof(g));
        OperationArgument.ThrowIfLengthDiffers(beta.Length, heads, "[rows, heads]", nameof(beta));
        OperationArgument.ThrowIfLengthDiffers(state.Length, values * shape.KeySize, "[heads, value size, key size]", nameof(state));
        OperationArgument.ThrowIfLengthDiffers(y.Length, rows * values, "[rows, heads, value size]", nameof(y));
        OperationArgument.ThrowIfOverlaps(q, y, nameof(y));
        OperationArgument.ThrowIfOverlaps(k, y, nameof(y));
        fixed (float* pQ = q, pK = k, pV = v, pG = g, pBeta = beta, pState = state, pY = y)
        {
            Kernel kernel = new(pQ, pK, pV, pG, pBeta, scale, pState, pY, rows, perKey, shape);
            LaneKernel.Run(level, pool, in kernel, (int)values, rows * values * shape.KeySize);
        }
    }

    private readonly struct Kernel(
        float* q,
        float* k,
        float* v,
        float* g,
        float* beta,
        float scale,
        float* state,
        float* y,
        int rows,
        bool perKey,
        GatedDeltaShape shape) : ILaneKernel
    {
        public void Run<TLanes>(int start, int end)
            where TLanes : struct, ILanes<TLanes>
        {
            float* partial = stackalloc float[16];
            float* decays = stackalloc float[shape.KeySize + 15 & ~15];

            // A few rows of the state at a time, which stay in the first-level cache for all tokens.
            for (int first = start; first < end;)
            {
                int head = first / shape.ValueSize;
                int last = Math.Min(Math.Min(end, first + Strip), (head + 1) * shape.ValueSize);
                for (int row = 0; row < rows; row++)
                {
                    FillDecays<TLanes>(row, head, decays);
                    long headRow = ((long)row * shape.Heads) + head;
                    long key = KeyOffset(row, head);
                    long offset = ((long)row * shape.Heads * shape.ValueSize) + first;
                    float* values = state + ((long)first * shape.KeySize);
                    int element = first;
                    for (; shape.KeySize % 16 == 0 && element <= last - 4; element += 4, offset += 4, values += 4 * shape.KeySize)
                    {
                        DeltaRow.StepFour<TLanes>(
                            values, decays, k + key, q + key, v + offset, beta[headRow], scale, y + offset, shape.KeySize);
                    }

                    for (; element < last; element++, offset++, values += shape.KeySize)
                    {
                        y[offset] = scale * DeltaRow.Step<TLanes>(
                            values, decays, k + key, q + key, v[offset], beta[headRow], shape.KeySize, partial);
                    }
                }

                first = last;
            }
        }

        public void Reference(int start, int end)
        {
            float* decays = stackalloc float[shape.KeySize];
            for (int row = 0; row < rows; row++)
            {
                for (int element = start; element < end; element++)
                {
                    int head = element / shape.ValueSize;
                    long headRow = ((long)row * shape.Heads) + head;
                    for (int i = 0; i < shape.KeySize; i++)
                    {
                        decays[i] = FloatMath.Exp(g[perKey ? (headRow * shape.KeySize) + i : headRow]);
                    }

                    long key = KeyOffset(row, head);
                    long offset = ((long)row * shape.Heads * shape.ValueSize) + element;
                    float* values = state + ((long)element * shape.KeySize);
                    y[offset] = scale * DeltaRow.Step(values, decays, k + key, q + key, v[offset], beta[headRow], shape.KeySize);
                }
            }
        }

        private void FillDecays<TLanes>(int row, int head, float* decays)
            where TLanes : struct, ILanes<TLanes>
        {
            long headRow = ((long)row * shape.Heads) + head;
            if (!perKey)
            {
                new Span<float>(decays, shape.KeySize).Fill(FloatMath.Exp(g[headRow]));
                return;
            }

            new ReadOnlySpan<float>(g + (headRow * shape.KeySize), shape.KeySize).CopyTo(new Span<float>(decays, shape.KeySize));
            for (int i = 0; i < shape.KeySize; i += 16)
            {
                TLanes.Store(decays + i, FloatMath.Exp(TLanes.Load(decays + i)));
            }
        }

        private long KeyOffset(int row, int head)
        {
            int keyHead = shape.KeyHeadOrder == KeyHeadOrder.Tiled ? head % shape.KeyHeads : head / (shape.Heads / shape.KeyHeads);
            return (((long)row * shape.KeyHeads) + keyHead) * shape.KeySize;
        }
    }
}
