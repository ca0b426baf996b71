using System.Runtime.CompilerServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Scan;

/// <summary>One step of the gated delta rule for one row of the state; see <see cref="GatedDeltaOp"/>. The vector form uses 16 floats of the caller's.</summary>
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
