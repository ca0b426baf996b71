using System.Runtime.CompilerServices;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

/// <summary>The inner loops of attention: four queries against one block of keys or values.</summary>
internal static unsafe class AttentionKernels<TLanes, TElements>
    where TLanes : struct, ILanes<TLanes>
    where TElements : struct, IKvElements
{
    /// <summary>scores[i, position] += keys[d, position] * queries[i, d] for every d, in order, each rounded once.</summary>
    /// <param name="queries">[4, stride], of which the first <paramref name="count"/> elements are used.</param>
    /// <param name="stride">Elements from one query to the next.</param>
    /// <param name="count">Dimensions.</param>
    /// <param name="keys">[count, BlockTokens].</param>
    /// <param name="first">Whether the scores are zero before, whatever is there.</param>
    /// <param name="scores">[4, ChunkTokens], of which the first BlockTokens columns count.</param>
    /// <param name="next">What is needed next, as large as the keys: it is prefetched when elements are halves.</param>
    internal static void AddScores(float* queries, int stride, int count, byte* keys, bool first, float* scores, byte* next)
    {
        if (TLanes.HasManyRegisters)
        {
            AddScoresOfTwo(queries, stride, count, keys, first, scores, next);
        }
        else
        {
            AddScoresOfOne(queries, stride, count, keys, first, scores, next);
            AddScoresOfOne(queries, stride, count, keys + (16 * TElements.Size), first, scores + 16, next);
        }
    }

    /// <summary>
    /// sums[d] += probabilities[j] * values[j, d] for j from <paramref name="from"/> to before <paramref name="to"/>, in order; values are
    /// [BlockTokens, width].
    /// </summary>
    internal static void AddValues(float* probabilities, byte* values, int width, int from, int to, float* sums)
    {
        for (int j = from; j < to; j++)
        {
            TLanes probability = TLanes.Create(probabilities[j]);
            byte* row = values + ((long)j * width * TElements.Size);
            for (int d = 0; d < width; d += 16)
            {
                TLanes value = TElements.Load<TLanes>(row + (d * TElements.Size));
                TLanes.Store(sums + d, TLanes.MultiplyAdd(value, probability, TLanes.Load(sums + d)));
            }
        }
    }

    /// <summary>
    /// <see cref="AddValues"/> for four queries: probabilities [4, ChunkTokens], sums [4, stride]; prefetches like
    /// <see cref="AddScores"/>.
    /// </summary>
    internal static void AddValuesOfFour(
        float* probabilities, byte* values, int width, int from, int to, float* sums, int stride, byte* next)
    {
        int d = 0;
        if (TLanes.HasManyRegisters)
        {
            for (; d <= width - 64; d += 64)
            {
                AddFourVectors(
                    probabilities, values + (d * TElements.Size), width, from, to, sums + d, stride, next + (d * TElements.Size));
            }
        }

        for (; d < width; d += 16)
        {
            AddOneVector(probabilities, values + (d * TElements.Size), width, from, to, sums + d, stride);
        }
    }

    private static void AddScoresOfTwo(float* queries, int stride, int count, byte* keys, bool first, float* scores, byte* next)
    {
        float* q0 = queries;
        float* q1 = q0 + stride;
        float* q2 = q1 + stride;
        float* q3 = q2 + stride;
        float* r1 = scores + AttentionOp.ChunkTokens;
        float* r2 = r1 + AttentionOp.ChunkTokens;
        float* r3 = r2 + AttentionOp.ChunkTokens;
        TLanes s00 = TLanes.Create(0f), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
        if (!first)
        {
            (s00, s01) = (TLanes.Load(scores), TLanes.Load(scores + 16));
            (s10, s11) = (TLanes.Load(r1), TLanes.Load(r1 + 16));
            (s20, s21) = (TLanes.Load(r2), TLanes.Load(r2 + 16));
            (s30, s31) = (TLanes.Load(r3), TLanes.Load(r3 + 16));
        }

        for (int d = 0; d < count; d++)
        {
            TLanes k0 = TElements.Load<TLanes>(keys);
            TLanes k1 = TElements.Load<TLanes>(keys + (16 * TElements.Size));
            keys += KvStorage.BlockTokens * TElements.Size;
            if (TElements.Size == sizeof(ushort))
            {
                Prefetch.Line(next + ((long)d * Prefetch.LineBytes));
            }

            TLanes q = TLanes.Create(q0[d]);
            s00 = TLanes.MultiplyAdd(k0, q, s00);
            s01 = TLanes.MultiplyAdd(k1, q, s01);
            q = TLanes.Create(q1[d]);
            s10 = TLanes.MultiplyAdd(k0, q, s10);
            s11 = TLanes.MultiplyAdd(k1, q, s11);
            q = TLanes.Create(q2[d]);
            s20 = TLanes.MultiplyAdd(k0, q, s20);
            s21 = TLanes.MultiplyAdd(k1, q, s21);
            q = TLanes.Create(q3[d]);
            s30 = TLanes.MultiplyAdd(k0, q, s30);
            s31 = TLanes.MultiplyAdd(k1, q, s31);
        }

        TLanes.Store(scores, s00);
        TLanes.Store(scores + 16, s01);
        TLanes.Store(r1, s10);
        TLanes.Store(r1 + 16, s11);
        TLanes.Store(r2, s20);
        TLanes.Store(r2 + 16, s21);
        TLanes.Store(r3, s30);
        TLanes.Store(r3 + 16, s31);
    }

    private static void AddScoresOfOne(float* queries, int stride, int count, byte* keys, bool first, float* scores, byte* next)
    {
        float* q0 = queries;
        float* q1 = q0 + stride;
        float* q2 = q1 + stride;
        float* q3 = q2 + stride;
        float* r1 = scores + AttentionOp.ChunkTokens;
        float* r2 = r1 + AttentionOp.ChunkTokens;
        float* r3 = r2 + AttentionOp.ChunkTokens;
        TLanes s0 = TLanes.Create(0f), s1 = s0, s2 = s0, s3 = s0;
        if (!first)
        {
            (s0, s1, s2, s3) = (TLanes.Load(scores), TLanes.Load(r1), TLanes.Load(r2), TLanes.Load(r3));
        }

        for (int d = 0; d < count; d++)
        {
            TLanes k = TElements.Load<TLanes>(keys);
            keys += KvStorage.BlockTokens * TElements.Size;
            if (TElements.Size == sizeof(ushort))
            {
                Prefetch.Line(next + ((long)d * Prefetch.LineBytes));
            }

            s0 = TLanes.MultiplyAdd(k, TLanes.Create(q0[d]), s0);
            s1 = TLanes.MultiplyAdd(k, TLanes.Create(q1[d]), s1);
            s2 = TLanes.MultiplyAdd(k, TLanes.Create(q2[d]), s2);
            s3 = TLanes.MultiplyAdd(k, TLanes.Create(q3[d]), s3);
        }

        TLanes.Store(scores, s0);
        TLanes.Store(r1, s1);
        TLanes.Store(r2, s2);
        TLanes.Store(r3, s3);
    }

    private static void AddFourVectors(
        float* probabilities, byte* values, int width, int from, int to, float* sums, int stride, byte* next)
    {
        float* r0 = sums;
        float* r1 = r0 + stride;
        float* r2 = r1 + stride;
        float* r3 = r2 + stride;
        TLanes a0 = TLanes.Load(r0), b0 = TLanes.Load(r0 + 16), c0 = TLanes.Load(r0 + 32), d0 = TLanes.Load(r0 + 48);
        TLanes a1 = TLanes.Load(r1), b1 = TLanes.Load(r1 + 16), c1 = TLanes.Load(r1 + 32), d1 = TLanes.Load(r1 + 48);
        TLanes a2 = TLanes.Load(r2), b2 = TLanes.Load(r2 + 16), c2 = TLanes.Load(r2 + 32), d2 = TLanes.Load(r2 + 48);
        TLanes a3 = TLanes.Load(r3), b3 = TLanes.Load(r3 + 16), c3 = TLanes.Load(r3 + 32), d3 = TLanes.Load(r3 + 48);
        long step = (long)width * TElements.Size;
        byte* row = values + (from * step);
        for (int j = from; j < to; j++, row += step)
        {
            TLanes a = TElements.Load<TLanes>(row);
            TLanes b = TElements.Load<TLanes>(row + (16 * TElements.Size));
            TLanes c = TElements.Load<TLanes>(row + (32 * TElements.Size));
            TLanes d = TElements.Load<TLanes>(row + (48 * TElements.Size));
            if (TElements.Size == sizeof(ushort))
            {
                Prefetch.Line(next + (j * step));
                Prefetch.Line(next + (j * step) + Prefetch.LineBytes);
            }

            TLanes p = TLanes.Create(probabilities[j]);
            a0 = TLanes.MultiplyAdd(a, p, a0);
            b0 = TLanes.MultiplyAdd(b, p, b0);
            c0 = TLanes.MultiplyAdd(c, p, c0);
            d0 = TLanes.MultiplyAdd(d, p, d0);
            p = TLanes.Create(probabilities[j + AttentionOp.ChunkTokens]);
            a1 = TLanes.MultiplyAdd(a, p, a1);
            b1 = TLanes.MultiplyAdd(b, p, b1);
            c1 = TLanes.MultiplyAdd(c, p, c1);
            d1 = TLanes.MultiplyAdd(d, p, d1);
            p = TLanes.Create(probabilities[j + (2 * AttentionOp.ChunkTokens)]);
            a2 = TLanes.MultiplyAdd(a, p, a2);
            b2 = TLanes.MultiplyAdd(b, p, b2);
            c2 = TLanes.MultiplyAdd(c, p, c2);
            d2 = TLanes.MultiplyAdd(d, p, d2);
            p = TLanes.Create(probabilities[j + (3 * AttentionOp.ChunkTokens)]);
            a3 = TLanes.MultiplyAdd(a, p, a3);
            b3 = TLanes.MultiplyAdd(b, p, b3);
            c3 = TLanes.MultiplyAdd(c, p, c3);
            d3 = TLanes.MultiplyAdd(d, p, d3);
        }

        StoreFour(r0, a0, b0, c0, d0);
        StoreFour(r1, a1, b1, c1, d1);
        StoreFour(r2, a2, b2, c2, d2);
        StoreFour(r3, a3, b3, c3, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFour(float* destination, TLanes a, TLanes b, TLanes c, TLanes d)
    {
        TLanes.Store(destination, a);
        TLanes.Store(destination + 16, b);
        TLanes.Store(destination + 32, c);
        TLanes.Store(destination + 48, d);
    }

    private static void AddOneVector(float* probabilities, byte* values, int width, int from, int to, float* sums, int stride)
    {
        TLanes s0 = TLanes.Load(sums);
        TLanes s1 = TLanes.Load(sums + stride);
        TLanes s2 = TLanes.Load(sums + (2 * stride));
        TLanes s3 = TLanes.Load(sums + (3 * stride));
        long step = (long)width * TElements.Size;
        byte* row = values + (from * step);
        for (int j = from; j < to; j++, row += step)
        {
            TLanes v = TElements.Load<TLanes>(row);
            s0 = TLanes.MultiplyAdd(v, TLanes.Create(probabilities[j]), s0);
            s1 = TLanes.MultiplyAdd(v, TLanes.Create(probabilities[j + AttentionOp.ChunkTokens]), s1);
            s2 = TLanes.MultiplyAdd(v, TLanes.Create(probabilities[j + (2 * AttentionOp.ChunkTokens)]), s2);
            s3 = TLanes.MultiplyAdd(v, TLanes.Create(probabilities[j + (3 * AttentionOp.ChunkTokens)]), s3);
        }

        TLanes.Store(sums, s0);
        TLanes.Store(sums + stride, s1);
        TLanes.Store(sums + (2 * stride), s2);
        TLanes.Store(sums + (3 * stride), s3);
    }
}
