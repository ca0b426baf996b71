using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Scan;

/// <summary>
/// The selective scan of Mamba (Gu and Dao, arXiv:2312.00752, algorithm 2). Per row and channel i, with s = softplus(dt[i]):
/// h[i, n] = h[i, n] * e^(s a[i, n]) + b[n] * (x[i] s) and y[i] = sum over n of h[i, n] c[n], plus d[i] x[i]. The sum has 16 partial sums
/// (partial j takes states j, j+16, … in order, one rounding each), then the fixed tree. Nothing is summed over rows, so a sequence may be
/// given in any number of calls with the same result.
/// </summary>
public static unsafe class SelectiveScanOp
{
    /// <summary>Goes through the rows of one sequence and advances the state.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">[rows, inner].</param>
    /// <param name="dt">[rows, inner]: the steps with their bias, before softplus.</param>
    /// <param name="a">[inner, states]: the rates, below zero.</param>
    /// <param name="b">[rows, states].</param>
    /// <param name="c">[rows, states].</param>
    /// <param name="d">[inner]: what of the input is added to the output; or nothing.</param>
    /// <param name="state">[inner, states], read and advanced; zeros before the first row.</param>
    /// <param name="y">[rows, inner]; may be <paramref name="x"/> or <paramref name="dt"/> itself.</param>
    /// <param name="rows">Rows, one per token.</param>
    /// <param name="inner">Channels.</param>
    /// <param name="states">States of a channel.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape.</exception>
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
        int inner,
        int states) =>
        Run(InstructionSets.Level, pool, x, dt, a, b, c, d, state, y, rows, inner, states);

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
        int inner,
        int states)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(inner);
        OperationArgument.ThrowIfNotPositive(states);
        OperationArgument.ThrowIfLengthDiffers(x.Length, (long)rows * inner, "[rows, inner]", nameof(x));
        OperationArgument.ThrowIfLengthDiffers(dt.Length, (long)rows * inner, "[rows, inner]", nameof(dt));
        OperationArgument.ThrowIfLengthDiffers(a.Length, (long)inner * states, "[inner, states]", nameof(a));
        OperationArgument.ThrowIfLengthDiffers(b.Length, (long)rows * states, "[rows, states]", nameof(b));
        OperationArgument.ThrowIfLengthDiffers(c.Length, (long)rows * states, "[rows, states]", nameof(c));
        OperationArgument.ThrowIfPresentLengthDiffers(d.Length, inner, "[inner]", nameof(d));
        OperationArgument.ThrowIfLengthDiffers(state.Length, (long)inner * states, "[inner, states]", nameof(state));
        OperationArgument.ThrowIfLengthDiffers(y.Length, (long)rows * inner, "[rows, inner]", nameof(y));
        fixed (float* pX = x, pDt = dt, pA = a, pB = b, pC = c, pD = d, pState = state, pY = y)
        {
            Kernel kernel = new(pX, pDt, pA, pB, pC, pD, pState, pY, rows, inner, states);
            LaneKernel.Run(level, pool, in kernel, inner, (long)rows * inner * states, 16);
        }
    }

    private readonly struct Kernel(
        float* x, float* dt, float* a, float* b, float* c, float* d, float* state, float* y, int rows, int inner, int states) : ILaneKernel
    {
        public void Run<TLanes>(int start, int end)
            where TLanes : struct, ILanes<TLanes>
        {
            float* partial = stackalloc float[16];
            float* steps = stackalloc float[16];
            for (int strip = start; strip < end; strip += 16)
            {
                int count = Math.Min(16, end - strip);
                for (int row = 0; row < rows; row++)
                {
                    long offset = ((long)row * inner) + strip;
                    new ReadOnlySpan<float>(dt + offset, count).CopyTo(new Span<float>(steps, 16));
                    TLanes.Store(steps, FloatMath.Softplus(TLanes.Load(steps)));
                    for (int i = 0; i < count; i++)
                    {
                        long channel = (long)(strip + i) * states;
                        float input = x[offset + i];
                        float sum = ScanRow.Step<TLanes>(
                            state + channel, a + channel, steps[i], input * steps[i], Row(b, row), Row(c, row), states, partial);
                        y[offset + i] = d is null ? sum : MathF.FusedMultiplyAdd(d[strip + i], input, sum);
                    }
                }
            }
        }

        public void Reference(int start, int end)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int i = start; i < end; i++)
                {
                    long offset = ((long)row * inner) + i;
                    long channel = (long)i * states;
                    float input = x[offset];
                    float step = FloatMath.Softplus(dt[offset]);
                    float sum = ScanRow.Step(state + channel, a + channel, step, input * step, Row(b, row), Row(c, row), states);
                    y[offset] = d is null ? sum : MathF.FusedMultiplyAdd(d[i], input, sum);
                }
            }
        }

        private float* Row(float* values, int row) => values + ((long)row * states);
    }
}
