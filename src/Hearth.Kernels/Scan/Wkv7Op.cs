using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Scan;

/// <summary>
/// The recurrence of RWKV-7 (Peng et al., "Goose", arXiv:2503.14456, section 4). Per row, head and value element i, where S[i] is a row of
/// the state with an element per key element j: u = sum over j of S[i, j] a[j], then S[i, j] = S[i, j] w[j] + v[i] k[j] + u b[j], then
/// y[i] = sum over j of S[i, j] r[j]. Sums have 16 partial sums (partial p takes elements p, p+16, … in order, one rounding each), then the
/// fixed tree. Nothing is summed over rows, so a sequence may be given in any number of calls with the same result.
/// </summary>
public static unsafe class Wkv7Op
{
    /// <summary>Goes through the rows of one sequence and advances the state.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="r">[rows, heads, size]: the receptance (query).</param>
    /// <param name="w">[rows, heads, size]: the decays themselves, in 0 to 1.</param>
    /// <param name="k">[rows, heads, size].</param>
    /// <param name="v">[rows, heads, size].</param>
    /// <param name="a">[rows, heads, size]: the removed keys, negated.</param>
    /// <param name="b">[rows, heads, size]: the removed keys times the rates of learning.</param>
    /// <param name="state">[heads, size of values, size of keys], read and advanced; zeros before the first row.</param>
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
        ReadOnlySpan<float> w,
        ReadOnlySpan<float> k,
        ReadOnlySpan<float> v,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        Span<float> state,
        Span<float> y,
        int rows,
        int heads,
        int size) =>
        Run(InstructionSets.Level, pool, r, w, k, v, a, b, state, y, rows, heads, size);

    internal static void Run(
        InstructionSetLevel level,
        ComputePool pool,
        ReadOnlySpan<float> r,
        ReadOnlySpan<float> w,
        ReadOnlySpan<float> k,
        ReadOnlySpan<float> v,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
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
        OperationArgument.ThrowIfLengthDiffers(w.Length, rows * channels, "[rows, heads, size]", nameof(w));
        OperationArgument.ThrowIfLengthDiffers(k.Length, rows * channels, "[rows, heads, size]", nameof(k));
        OperationArgument.ThrowIfLengthDiffers(v.Length, rows * channels, "[rows, heads, size]", nameof(v));
        OperationArgument.ThrowIfLengthDiffers(a.Length, rows * channels, "[rows, heads, size]", nameof(a));
        OperationArgument.ThrowIfLengthDiffers(b.Length, rows * channels, "[rows, heads, size]", nameof(b));
        OperationArgument.ThrowIfLengthDiffers(state.Length, channels * size, "[heads, size, size]", nameof(state));
        OperationArgument.ThrowIfLengthDiffers(y.Length, rows * channels, "[rows, heads, size]", nameof(y));
        OperationArgument.ThrowIfOverlaps(r, y, nameof(y));
        OperationArgument.ThrowIfOverlaps(w, y, nameof(y));
        OperationArgument.ThrowIfOverlaps(k, y, nameof(y));
        OperationArgument.ThrowIfOverlaps(a, y, nameof(y));
        OperationArgument.ThrowIfOverlaps(b, y, nameof(y));
        fixed (float* pR = r, pW = w, pK = k, pV = v, pA = a, pB = b, pState = state, pY = y)
        {
            Kernel kernel = new(pR, pW, pK, pV, pA, pB, pState, pY, rows, heads, size);
            LaneKernel.Run(level, pool, in kernel, (int)channels, rows * channels * size);
        }
    }

    private readonly struct Kernel(
        float* r, float* w, float* k, float* v, float* a, float* b, float* state, float* y, int rows, int heads, int size) : ILaneKernel
    {
        public void Run<TLanes>(int start, int end)
            where TLanes : struct, ILanes<TLanes>
        {
            float* partial = stackalloc float[16];
            int whole = size & ~15;
            for (int first = start; first < end;)
            {
                int head = first / size;
                int last = Math.Min(Math.Min(end, first + 16), (head + 1) * size);
                for (int row = 0; row < rows; row++)
                {
                    long offset = Offset(row, head);
                    for (int element = first; element < last; element++)
                    {
                        float* values = state + ((long)element * size);
                        TLanes sum = TLanes.Create(0f);
                        for (int i = 0; i < whole; i += 16)
                        {
                            sum = TLanes.MultiplyAdd(TLanes.Load(values + i), TLanes.Load(a + offset + i), sum);
                        }

                        TLanes.Store(partial, sum);
                        float removed = whole == size ? TLanes.Sum(sum) : Remove(values, offset, whole, partial);
                        float value = v[((long)row * heads * size) + element];
                        TLanes removes = TLanes.Create(removed);
                        TLanes writes = TLanes.Create(value);
                        sum = TLanes.Create(0f);
                        for (int i = 0; i < whole; i += 16)
                        {
                            TLanes product = TLanes.Multiply(writes, TLanes.Load(k + offset + i));
                            product = TLanes.MultiplyAdd(TLanes.Load(values + i), TLanes.Load(w + offset + i), product);
                            product = TLanes.MultiplyAdd(removes, TLanes.Load(b + offset + i), product);
                            TLanes.Store(values + i, product);
                            sum = TLanes.MultiplyAdd(product, TLanes.Load(r + offset + i), sum);
                        }

                        TLanes.Store(partial, sum);
                        y[((long)row * heads * size) + element] =
                            whole == size ? TLanes.Sum(sum) : Write(values, offset, whole, value, removed, partial);
                    }
                }

                first = last;
            }
        }

        public void Reference(int start, int end)
        {
            float* partial = stackalloc float[16];
            for (int row = 0; row < rows; row++)
            {
                for (int element = start; element < end; element++)
                {
                    float* values = state + ((long)element * size);
                    long offset = Offset(row, element / size);
                    new Span<float>(partial, 16).Clear();
                    float removed = Remove(values, offset, 0, partial);
                    new Span<float>(partial, 16).Clear();
                    float value = v[((long)row * heads * size) + element];
                    y[((long)row * heads * size) + element] = Write(values, offset, 0, value, removed, partial);
                }
            }
        }

        private float Remove(float* values, long offset, int start, float* partial)
        {
            for (int i = start; i < size; i++)
            {
                partial[i % 16] = MathF.FusedMultiplyAdd(values[i], a[offset + i], partial[i % 16]);
            }

            return FixedTree.Sum(new Span<float>(partial, 16));
        }

        private float Write(float* values, long offset, int start, float value, float removed, float* partial)
        {
            for (int i = start; i < size; i++)
            {
                float product = MathF.FusedMultiplyAdd(values[i], w[offset + i], value * k[offset + i]);
                values[i] = MathF.FusedMultiplyAdd(removed, b[offset + i], product);
                partial[i % 16] = MathF.FusedMultiplyAdd(values[i], r[offset + i], partial[i % 16]);
            }

            return FixedTree.Sum(new Span<float>(partial, 16));
        }

        private long Offset(int row, int head) => (((long)row * heads) + head) * size;
    }
}
