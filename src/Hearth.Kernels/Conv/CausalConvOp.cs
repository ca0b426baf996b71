using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Conv;

/// <summary>
/// The depthwise causal convolution of state-space and short-convolution blocks (Mamba, arXiv:2312.00752, section 3.4):
/// y[t, c] = bias[c] + sum over k of weight[c, k] * x[t - (kernel - 1) + k, c], added for k = 0, 1, … with one rounding each. Rows before
/// the first are in the state, so that a sequence may be given in any number of calls with the same result.
/// </summary>
public static unsafe class CausalConvOp
{
    /// <summary>The widest kernel.</summary>
    public const int MaxKernel = 256;

    private const int TransposedFloats = 16 * MaxKernel;
    private const int MaxStrip = 256;

    /// <summary>Convolves the rows of one sequence and advances the state.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">[rows, channels].</param>
    /// <param name="weight">[channels, kernel].</param>
    /// <param name="bias">[channels], or nothing.</param>
    /// <param name="state">[kernel - 1, channels]: the inputs before <paramref name="x"/>, oldest first; afterwards the last
    /// inputs.</param>
    /// <param name="y">[rows, channels]; must not overlap <paramref name="x"/>.</param>
    /// <param name="rows">Rows, one per token.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="kernel">Inputs that an output sees; at most <see cref="MaxKernel"/>.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape, or the output overlaps the input.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the kernel too wide.</exception>
    public static void Run(
        ComputePool pool,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> weight,
        ReadOnlySpan<float> bias,
        Span<float> state,
        Span<float> y,
        int rows,
        int channels,
        int kernel) =>
        Run(InstructionSets.Level, pool, x, weight, bias, state, y, rows, channels, kernel);

    internal static void Run(
        InstructionSetLevel level,
        ComputePool pool,
        ReadOnlySpan<float> x,
        ReadOnlySpan<float> weight,
        ReadOnlySpan<float> bias,
        Span<float> state,
        Span<float> y,
        int rows,
        int channels,
        int kernel)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(channels);
        OperationArgument.ThrowIfNotPositive(kernel);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kernel, MaxKernel);
        OperationArgument.ThrowIfLengthDiffers(x.Length, (long)rows * channels, "[rows, channels]", nameof(x));
        OperationArgument.ThrowIfLengthDiffers(weight.Length, (long)channels * kernel, "[channels, kernel]", nameof(weight));
        OperationArgument.ThrowIfPresentLengthDiffers(bias.Length, channels, "[channels]", nameof(bias));
        OperationArgument.ThrowIfLengthDiffers(state.Length, (kernel - 1L) * channels, "[kernel - 1, channels]", nameof(state));
        OperationArgument.ThrowIfLengthDiffers(y.Length, (long)rows * channels, "[rows, channels]", nameof(y));
        OperationArgument.ThrowIfOverlaps(x, y, nameof(y));
        fixed (float* pointerX = x, pointerWeight = weight, pointerBias = bias, pointerState = state, pointerY = y)
        {
            Kernel job = new(pointerX, pointerWeight, pointerBias, pointerState, pointerY, rows, channels, kernel);
            LaneKernel.Run(level, pool, in job, channels, (long)rows * channels * kernel, 16);
        }
    }

    private readonly struct Kernel(float* x, float* weight, float* bias, float* state, float* y, int rows, int channels, int kernel)
        : ILaneKernel
    {
        public void Run<TLanes>(int start, int end)
            where TLanes : struct, ILanes<TLanes>
        {
            // The strip's weights are turned to [kernel, strip] so that lanes are channels.
            float* turned = stackalloc float[TransposedFloats];
            float** inputs = stackalloc float*[kernel];
            int width = Math.Min(MaxStrip, TransposedFloats / kernel & ~15);
            int channel = start;
            for (; channel <= end - 16; channel += width)
            {
                int count = Math.Min(width, end - channel & ~15);
                Turn(channel, count, turned);
                for (int row = 0; row < rows; row++)
                {
                    for (int k = 0; k < kernel; k++)
                    {
                        inputs[k] = Input(row + k) + channel;
                    }

                    float* output = y + ((long)row * channels) + channel;
                    for (int i = 0; i < count; i += 16)
                    {
                        TLanes sum = bias is null ? TLanes.Create(0f) : TLanes.Load(bias + channel + i);
                        for (int k = 0; k < kernel; k++)
                        {
                            sum = TLanes.MultiplyAdd(TLanes.Load(turned + (k * count) + i), TLanes.Load(inputs[k] + i), sum);
                        }

                        TLanes.Store(output + i, sum);
                    }
                }

                Advance(channel, channel + count);
            }

            Reference(Math.Min(channel, start + (end - start & ~15)), end);
        }

        public void Reference(int start, int end)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int channel = start; channel < end; channel++)
                {
                    float sum = bias is null ? 0f : bias[channel];
                    for (int k = 0; k < kernel; k++)
                    {
                        sum = MathF.FusedMultiplyAdd(weight[((long)channel * kernel) + k], Input(row + k)[channel], sum);
                    }

                    y[((long)row * channels) + channel] = sum;
                }
            }

            Advance(start, end);
        }

        /// <summary>A row of the state followed by the rows of x.</summary>
        private float* Input(int index) =>
            index < kernel - 1 ? state + ((long)index * channels) : x + ((long)(index - (kernel - 1)) * channels);

        private void Turn(int channel, int count, float* turned)
        {
            for (int i = 0; i < count; i++)
            {
                for (int k = 0; k < kernel; k++)
                {
                    turned[(k * count) + i] = weight[((long)(channel + i) * kernel) + k];
                }
            }
        }

        private void Advance(int start, int end)
        {
            for (int index = 0; index < kernel - 1; index++)
            {
                new ReadOnlySpan<float>(Input(rows + index) + start, end - start)
                    .CopyTo(new Span<float>(state + ((long)index * channels) + start, end - start));
            }
        }
    }
}
