using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Scan;

/// <summary>
/// The scan of Mamba-2 (Dao and Gu, arXiv:2405.21060, section 5) as a recurrence. Per row, head k and channel i, with
/// s = softplus(dt[k]): h[k, i, n] = h[k, i, n] * e^(s a[k]) + b[group, n] * (x[k, i] s) and y[k, i] = sum over n of
/// h[k, i, n] c[group, n], plus d[k] x[k, i]. The sum has 16 partial sums (partial j takes states j, j+16, … in order, one rounding each),
/// then the fixed tree. Nothing is summed over rows, so a sequence may be given in any number of calls with the same result.
/// </summary>
public static unsafe class StateSpaceDualOp
{
    /// <summary>Goes through the rows of one sequence and advances the state.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">[rows, heads, head size].</param>
    /// <param name="dt">[rows, heads]: the steps with their bias, before softplus.</param>
    /// <param name="a">[heads]: the rates, below zero.</param>
    /// <param name="b">[rows, groups, states].</param>
    /// <param name="c">[rows, groups, states].</param>
    /// <param name="d">[heads]: what of the input is added to the output; or nothing.</param>
    /// <param name="state">[heads, head size, states], read and advanced; zeros before the first row.</param>
    /// <param name="y">[rows, heads, head size]; may be <paramref name="x"/> itself.</param>
    /// <param name="rows">Rows, one per token.</param>
    /// <param name="shape">The layer's sizes.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape, or the groups do not divide the
    /// heads.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public static void Run(
        ComputePool pool,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> dt,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        ReadOnlySpan<float> c,
        ReadOnlySpan<float> d,
        Span<float> state,
        Span<float> y,
        int rows,
        StateSpaceDualShape shape) =>
        Run(InstructionSets.Level, pool, x, dt, a, b, c, d, state, y, rows, shape);

    internal static void Run(
        InstructionSetLevel level,
        ComputePool pool,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> dt,
        ReadOnlySpan<float> a,
        ReadOnlySpan<float> b,
        ReadOnlySpan<float> c,
        ReadOnlySpan<float> d,
        Span<float> state,
        Span<float> y,
        int rows,
        StateSpaceDualShape shape)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(shape.Heads);
        OperationArgument.ThrowIfNotPositive(shape.HeadSize);
        OperationArgument.ThrowIfNotPositive(shape.Groups);
        OperationArgument.ThrowIfNotPositive(shape.States);
        OperationArgument.ThrowIfNotDivisible(shape.Heads, shape.Groups, nameof(shape));
        long channels = (long)shape.Heads * shape.HeadSize;
        long columns = (long)shape.Groups * shape.States;
        OperationArgument.ThrowIfLengthDiffers(x.Length, rows * channels, "[rows, heads, head size]", nameof(x));
        OperationArgument.ThrowIfLengthDiffers(dt.Length, (long)rows * shape.Heads, "[rows, heads]", nameof(dt));
        OperationArgument.ThrowIfLengthDiffers(a.Length, shape.Heads, "[heads]", nameof(a));
        OperationArgument.ThrowIfLengthDiffers(b.Length, rows * columns, "[rows, groups, states]", nameof(b));
        OperationArgument.ThrowIfLengthDiffers(c.Length, rows * columns, "[rows, groups, states]", nameof(c));
        OperationArgument.ThrowIfPresentLengthDiffers(d.Length, shape.Heads, "[heads]", nameof(d));
        OperationArgument.ThrowIfLengthDiffers(state.Length, channels * shape.States, "[heads, head size, states]", nameof(state));
        OperationArgument.ThrowIfLengthDiffers(y.Length, rows * channels, "[rows, heads, head size]", nameof(y));
        fixed (float* pX = x, pDt = dt, pA = a, pB = b, pC = c, pD = d, pState = state, pY = y)
        {
            Kernel kernel = new(pX, pDt, pA, pB, pC, pD, pState, pY, rows, shape);
            LaneKernel.Run(level, pool, in kernel, (int)channels, rows * channels * shape.States);
        }
    }

    private readonly struct Kernel(
        float* x, float* dt, float* a, float* b, float* c, float* d, float* state, float* y, int rows, StateSpaceDualShape shape)
        : ILaneKernel
    {
        public void Run<TLanes>(int start, int end)
            where TLanes : struct, ILanes<TLanes>
        {
            float* partial = stackalloc float[16];
            for (int first = start; first < end;)
            {
                int head = first / shape.HeadSize;
                int last = Math.Min(end, (head + 1) * shape.HeadSize);
                for (int row = 0; row < rows; row++)
                {
                    float step = FloatMath.Softplus(dt[((long)row * shape.Heads) + head]);
                    float decay = FloatMath.Exp(step * a[head]);
                    float* rowB = Group(b, row, head);
                    float* rowC = Group(c, row, head);
                    for (int channel = first; channel < last; channel++)
                    {
                        long offset = ((long)row * shape.Heads * shape.HeadSize) + channel;
                        float* values = state + ((long)channel * shape.States);
                        float sum = ScanRow.Step<TLanes>(values, decay, x[offset] * step, rowB, rowC, shape.States, partial);
                        y[offset] = d is null ? sum : MathF.FusedMultiplyAdd(d[head], x[offset], sum);
                    }
                }

                first = last;
            }
        }

        public void Reference(int start, int end)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int channel = start; channel < end; channel++)
                {
                    int head = channel / shape.HeadSize;
                    long offset = ((long)row * shape.Heads * shape.HeadSize) + channel;
                    float step = FloatMath.Softplus(dt[((long)row * shape.Heads) + head]);
                    float decay = FloatMath.Exp(step * a[head]);
                    float* values = state + ((long)channel * shape.States);
                    float sum = ScanRow.Step(values, decay, x[offset] * step, Group(b, row, head), Group(c, row, head), shape.States);
                    y[offset] = d is null ? sum : MathF.FusedMultiplyAdd(d[head], x[offset], sum);
                }
            }
        }

        private float* Group(float* values, int row, int head)
        {
            int group = head / (shape.Heads / shape.Groups);
            return values + ((((long)row * shape.Groups) + group) * shape.States);
        }
    }
}
