using System.Runtime.CompilerServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Scan;

/// <summary>
/// One step of a diagonal recurrence for one channel: h = h * decay + b * input, and the sum of h * c. Sums have 16 partial sums (partial i
/// takes states i, i+16, … in order, one rounding each), then the fixed tree. The vector forms use 16 floats of the caller's.
/// </summary>
internal static unsafe class ScanRow
{
    /// <summary>One decay per state: e^(step * rate[n]).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Step<TLanes>(
        float* state, float* rates, float step, float input, float* b, float* c, int count, float* partial)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes steps = TLanes.Create(step);
        TLanes inputs = TLanes.Create(input);
        TLanes sum = TLanes.Create(0f);
        int i = 0;
        for (; i <= count - 16; i += 16)
        {
            TLanes decay = FloatMath.Exp(TLanes.Multiply(steps, TLanes.Load(rates + i)));
            TLanes value = TLanes.MultiplyAdd(TLanes.Load(state + i), decay, TLanes.Multiply(TLanes.Load(b + i), inputs));
            TLanes.Store(state + i, value);
            sum = TLanes.MultiplyAdd(value, TLanes.Load(c + i), sum);
        }

        if (i == count)
        {
            return TLanes.Sum(sum);
        }

        TLanes.Store(partial, sum);
        Rest(state, rates, step, input, b, c, i, count, partial);
        return FixedTree.Sum(new Span<float>(partial, 16));
    }

    /// <summary>The scalar twin of <see cref="Step{TLanes}(float*, float*, float, float, float*, float*, int, float*)"/>.</summary>
    internal static float Step(float* state, float* rates, float step, float input, float* b, float* c, int count)
    {
        float* partial = stackalloc float[16];
        new Span<float>(partial, 16).Clear();
        Rest(state, rates, step, input, b, c, 0, count, partial);
        return FixedTree.Sum(new Span<float>(partial, 16));
    }

    /// <summary>One decay for all states.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Step<TLanes>(float* state, float decay, float input, float* b, float* c, int count, float* partial)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes decays = TLanes.Create(decay);
        TLanes inputs = TLanes.Create(input);
        TLanes sum = TLanes.Create(0f);
        int i = 0;
        for (; i <= count - 16; i += 16)
        {
            TLanes value = TLanes.MultiplyAdd(TLanes.Load(state + i), decays, TLanes.Multiply(TLanes.Load(b + i), inputs));
            TLanes.Store(state + i, value);
            sum = TLanes.MultiplyAdd(value, TLanes.Load(c + i), sum);
        }

        if (i == count)
        {
            return TLanes.Sum(sum);
        }

        TLanes.Store(partial, sum);
        Rest(state, decay, input, b, c, i, count, partial);
        return FixedTree.Sum(new Span<float>(partial, 16));
    }

    /// <summary>The scalar twin of <see cref="Step{TLanes}(float*, float, float, float*, float*, int, float*)"/>.</summary>
    internal static float Step(float* state, float decay, float input, float* b, float* c, int count)
    {
        float* partial = stackalloc float[16];
        new Span<float>(partial, 16).Clear();
        Rest(state, decay, input, b, c, 0, count, partial);
        return FixedTree.Sum(new Span<float>(partial, 16));
    }

    private static void Rest(
        float* state, float* rates, float step, float input, float* b, float* c, int start, int count, float* partial)
    {
        for (int i = start; i < count; i++)
        {
            state[i] = MathF.FusedMultiplyAdd(state[i], FloatMath.Exp(step * rates[i]), b[i] * input);
            partial[i % 16] = MathF.FusedMultiplyAdd(state[i], c[i], partial[i % 16]);
        }
    }

    private static void Rest(float* state, float decay, float input, float* b, float* c, int start, int count, float* partial)
    {
        for (int i = start; i < count; i++)
        {
            state[i] = MathF.FusedMultiplyAdd(state[i], decay, b[i] * input);
            partial[i % 16] = MathF.FusedMultiplyAdd(state[i], c[i], partial[i % 16]);
        }
    }
}
