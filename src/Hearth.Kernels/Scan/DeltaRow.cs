using System.Runtime.CompilerServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Scan;

/// <summary>
/// One step of the gated delta rule for one row of the state; see <see cref="GatedDeltaOp"/>. The vector form uses 16 floats of the
/// caller's.
/// </summary>
internal static unsafe class DeltaRow
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Step<TLanes>(
        float* state, float* decays, float* k, float* q, float v, float beta, int count, float* partial)
        where TLanes : struct, ILanes<TLanes>
    {
        int whole = count & ~15;
        TLanes sum = TLanes.Create(0f);
        for (int i = 0; i < whole; i += 16)
        {
            TLanes kept = TLanes.Multiply(TLanes.Load(state + i), TLanes.Load(decays + i));
            TLanes.Store(state + i, kept);
            sum = TLanes.MultiplyAdd(kept, TLanes.Load(k + i), sum);
        }

        float predicted;
        if (whole == count)
        {
            predicted = TLanes.Sum(sum);
        }
        else
        {
            TLanes.Store(partial, sum);
            predicted = Predict(state, decays, k, whole, count, partial);
        }

        float change = beta * (v - predicted);
        TLanes changes = TLanes.Create(change);
        sum = TLanes.Create(0f);
        for (int i = 0; i < whole; i += 16)
        {
            TLanes written = TLanes.MultiplyAdd(changes, TLanes.Load(k + i), TLanes.Load(state + i));
            TLanes.Store(state + i, written);
            sum = TLanes.MultiplyAdd(written, TLanes.Load(q + i), sum);
        }

        if (whole == count)
        {
            return TLanes.Sum(sum);
        }

        TLanes.Store(partial, sum);
        return Write(state, change, k, q, whole, count, partial);
    }

    /// <summary>Four neighbouring rows of the state at once, whose sums do not wait for each other; whole blocks of 16 only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StepFour<TLanes>(
        float* state, float* decays, float* k, float* q, float* v, float beta, float scale, float* y, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        float* state1 = state + count;
        float* state2 = state1 + count;
        float* state3 = state2 + count;
        TLanes sum0 = TLanes.Create(0f);
        TLanes sum1 = sum0;
        TLanes sum2 = sum0;
        TLanes sum3 = sum0;
        for (int i = 0; i < count; i += 16)
        {
            TLanes decay = TLanes.Load(decays + i);
            TLanes key = TLanes.Load(k + i);
            sum0 = TLanes.MultiplyAdd(TLanes.Multiply(TLanes.Load(state + i), decay), key, sum0);
            sum1 = TLanes.MultiplyAdd(TLanes.Multiply(TLanes.Load(state1 + i), decay), key, sum1);
            sum2 = TLanes.MultiplyAdd(TLanes.Multiply(TLanes.Load(state2 + i), decay), key, sum2);
            sum3 = TLanes.MultiplyAdd(TLanes.Multiply(TLanes.Load(state3 + i), decay), key, sum3);
        }

        TLanes change0 = TLanes.Create(beta * (v[0] - TLanes.Sum(sum0)));
        TLanes change1 = TLanes.Create(beta * (v[1] - TLanes.Sum(sum1)));
        TLanes change2 = TLanes.Create(beta * (v[2] - TLanes.Sum(sum2)));
        TLanes change3 = TLanes.Create(beta * (v[3] - TLanes.Sum(sum3)));
        sum0 = TLanes.Create(0f);
        sum1 = sum0;
        sum2 = sum0;
        sum3 = sum0;
        for (int i = 0; i < count; i += 16)
        {
            TLanes decay = TLanes.Load(decays + i);
            TLanes key = TLanes.Load(k + i);
            TLanes query = TLanes.Load(q + i);
            sum0 = Write(state + i, decay, change0, key, query, sum0);
            sum1 = Write(state1 + i, decay, change1, key, query, sum1);
            sum2 = Write(state2 + i, decay, change2, key, query, sum2);
            sum3 = Write(state3 + i, decay, change3, key, query, sum3);
        }

        y[0] = scale * TLanes.Sum(sum0);
        y[1] = scale * TLanes.Sum(sum1);
        y[2] = scale * TLanes.Sum(sum2);
        y[3] = scale * TLanes.Sum(sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Write<TLanes>(float* state, TLanes decay, TLanes change, TLanes key, TLanes query, TLanes sum)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes written = TLanes.MultiplyAdd(change, key, TLanes.Multiply(TLanes.Load(state), decay));
        TLanes.Store(state, written);
        return TLanes.MultiplyAdd(written, query, sum);
    }

    /// <summary>The scalar twin of <see cref="Step{TLanes}"/>.</summary>
    internal static float Step(float* state, float* decays, float* k, float* q, float v, float beta, int count)
    {
        float* partial = stackalloc float[16];
        new Span<float>(partial, 16).Clear();
        float change = beta * (v - Predict(state, decays, k, 0, count, partial));
        new Span<float>(partial, 16).Clear();
        return Write(state, change, k, q, 0, count, partial);
    }

    private static float Predict(float* state, float* decays, float* k, int start, int count, float* partial)
    {
        for (int i = start; i < count; i++)
        {
            state[i] *= decays[i];
            partial[i % 16] = MathF.FusedMultiplyAdd(state[i], k[i], partial[i % 16]);
        }

        return FixedTree.Sum(new Span<float>(partial, 16));
    }

    private static float Write(float* state, float change, float* k, float* q, int start, int count, float* partial)
    {
        for (int i = start; i < count; i++)
        {
            state[i] = MathF.FusedMultiplyAdd(change, k[i], state[i]);
            partial[i % 16] = MathF.FusedMultiplyAdd(state[i], q[i], partial[i % 16]);
        }

        return FixedTree.Sum(new Span<float>(partial, 16));
    }
}
