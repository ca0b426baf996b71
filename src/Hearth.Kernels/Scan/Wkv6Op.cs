using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Scan;

/// <summary>
/// The recurrence of RWKV-6 (Peng et al., "Eagle and Finch", arXiv:2404.05892, section 4.2) and of gated linear attention (Yang et al.,
/// arXiv:2312.06635). Per row, head and value element j, with S[i, j] for every key element i: y[j] = scale * sum over i of
/// r[i] (S[i, j] + bonus[i] k[i] v[j]), then S[i, j] = S[i, j] w[i] + k[i] v[j]. Without a bonus the state advances first:
/// y[j] = scale * sum over i of r[i] S[i, j]. Sums go over i = 0, 1, … in order, one rounding each. Nothing is summed over rows, so a
/// sequence may be given in any number of calls with the same result.
/// </summary>
public static unsafe class Wkv6Op
{
    /// <summary>Goes through the rows of one sequence and advances the state.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="r">[rows, heads, size]: the receptance (query).</param>
    /// <param name="k">[rows, heads, size].</param>
    /// <param name="v">[rows, heads, size].</param>
    /// <param name="w">[rows, heads, size]: the decays themselves, in 0 to 1.</param>
    /// <param name="bonus">[heads, size]: the weight of the present row; or nothing.</param>
    /// <param name="scale">What the output is multiplied by; 1 in RWKV-6.</param>
    /// <param name="state">[heads, size of keys, size of values], read and advanced; zeros before the first row.</param>
    /// <param name="y">[rows, heads, size]; may be <paramref name="v"/> itself.</param>
    /// <param name="rows">Rows, one per token.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="size">Elements of a head.</param>
    /// <exception cref="ArgumentException">
    /// A span does not have the elements of its shape, or the output overlaps an input other than the values.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public static void Run(
        ComputePool pool,
        ReadOnlySpan<float> r,
        ReadOnlySpan<float> k,
        ReadOnlySpan<float> v,
        ReadOnlySpan<float> w,
        ReadOnlySpan<float> bonus,
        float scale,
        Span<float> state,
        Span<float> y,
        int rows,
        int heads,
        int size) =>
        Run(InstructionSets.Level, pool, r, k, v, w, bonus, scale, state, y, rows, heads, size);

    internal static void Run(
        InstructionSetLevel level,
        ComputePool pool,
        ReadOnlySpan<float> r,
        ReadOnlySpan<float> k,
        ReadOnlySpan<float> v,
        ReadOnlySpan<float> w,
        ReadOnlySpan<float> bonus,
        float scale,
        Span<float> state,
        Span<float> y,
        int rows,
        int heads,
        int size)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(heads);
        OperationArgument.ThrowIfNotPositive(size);
        long channels = (long)heads * size;
        OperationArgument.ThrowIfLengthDiffers(r.Length, rows * channels, "[rows, heads, size]", nameof(r));
        OperationArgument.ThrowIfLengthDiffers(k.Length, rows * channels, "[rows, heads, size]", nameof(k));
        OperationArgument.ThrowIfLengthDiffers(v.Length, rows * channels, "[rows, heads, size]", nameof(v));
        OperationArgument.ThrowIfLengthDiffers(w.Length, rows * channels, "[rows, heads, size]", nameof(w));
        OperationArgument.ThrowIfPresentLengthDiffers(bonus.Length, channels, "[heads, size]", nameof(bonus));
        OperationArgument.ThrowIfLengthDiffers(state.Length, channels * size, "[heads, size, size]", nameof(state));
        OperationArgument.ThrowIfLengthDiffers(y.Length, rows * channels, "[rows, heads, size]", nameof(y));
        OperationArgument.ThrowIfOverlaps(r, y, nameof(y));
        OperationArgument.ThrowIfOverlaps(k, y, nameof(y));
        OperationArgument.ThrowIfOverlaps(w, y, nameof(y));
        fixed (float* pR = r, pK = k, pV = v, pW = w, pBonus = bonus, pState = state, pY = y)
        {
            Kernel kernel = new(pR, pK, pV, pW, pBonus, scale, pState, pY, rows, heads, size);
            LaneKernel.Run(level, pool, in kernel, (int)channels, rows * channels * size, 16);
        }
    }

    private readonly struct Kernel(
        float* r, float* k, float* v, float* w, float* bonus, float scale, float* state, float* y, int rows, int heads, int size)
        : ILaneKernel
    {
        public void Run<TLanes>(int start, int end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (int first = start; first < end;)
            {
                int head = first / size;
                int last = Math.Min(Math.Min(end, first + 16), (head + 1) * size);
                if (last - first < 16)
                {
                    Reference(first, last);
                }
                else
                {
                    Columns<TLanes>(first, head);
                }

                first = last;
            }
        }

        public void Reference(int start, int end)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int column = start; column < end; column++)
                {
                    int head = column / size;
                    long offset = ((long)row * heads * size) + ((long)head * size);
                    float* cell = state + ((long)head * size * size) + (column - (head * size));
                    float value = v[((long)row * heads * size) + column];
                    float sum = 0f;
                    for (int i = 0; i < size; i++, cell += size)
                    {
                        float product = k[offset + i] * value;
                        float old = *cell;
                        *cell = MathF.FusedMultiplyAdd(old, w[offset + i], product);
                        float seen = bonus is null ? *cell : MathF.FusedMultiplyAdd(bonus[(head * size) + i], product, old);
                        sum = MathF.FusedMultiplyAdd(r[offset + i], seen, sum);
                    }

                    y[((long)row * heads * size) + column] = scale * sum;
                }
            }
        }

        /// <summary>Sixteen neighbouring value elements of a head.</summary>
        private void Columns<TLanes>(int column, int head)
            where TLanes : struct, ILanes<TLanes>
        {
            float* bonuses = bonus + ((long)head * size);
            for (int row = 0; row < rows; row++)
            {
                long offset = ((long)row * heads * size) + ((long)head * size);
                float* cells = state + ((long)head * size * size) + (column - (head * size));
                TLanes value = TLanes.Load(v + ((long)row * heads * size) + column);
                TLanes sum = TLanes.Create(0f);
                for (int i = 0; i < size; i++, cells += size)
                {
                    TLanes product = TLanes.Multiply(TLanes.Create(k[offset + i]), value);
                    TLanes old = TLanes.Load(cells);
                    TLanes advanced = TLanes.MultiplyAdd(old, TLanes.Create(w[offset + i]), product);
                    TLanes.Store(cells, advanced);
                    TLanes seen = bonus is null ? advanced : TLanes.MultiplyAdd(TLanes.Create(bonuses[i]), product, old);
                    sum = TLanes.MultiplyAdd(TLanes.Create(r[offset + i]), seen, sum);
                }

                TLanes.Store(y + ((long)row * heads * size) + column, TLanes.Multiply(TLanes.Create(scale), sum));
            }
        }
    }
}
