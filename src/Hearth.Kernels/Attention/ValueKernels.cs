using System.Runtime.CompilerServices;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

/// <summary>
/// The inner loops of attention over values: sums[i, d] += probabilities[i, j] * values[j, d] for j from <c>from</c> to before <c>to</c>,
/// in order, each rounded once. Probabilities are [queries, ChunkTokens], values [BlockTokens, width], sums [queries, stride].
/// </summary>
internal static unsafe class ValueKernels<TLanes, TElements>
    where TLanes : struct, ILanes<TLanes>
    where TElements : struct, IKvElements
{
    private const int Pair = 32;

    /// <summary>One block for one query.</summary>
    internal static void AddOne(float* probabilities, byte* values, int width, float* scales, int from, int to, float* sums)
    {
        for (int j = from; j < to; j++)
        {
            TLanes probability = TLanes.Create(probabilities[j]);
            byte* row = values + ((long)j * width * TElements.Size);
            for (int d = 0; d < width; d += Pair, row += Pair * TElements.Size)
            {
                TLanes lower = Scale(TElements.LoadLower<TLanes>(row), scales + d + j);
                TLanes upper = Scale(TElements.LoadUpper<TLanes>(row), scales + d + j);
                TLanes.Store(sums + d, TLanes.MultiplyAdd(lower, probability, TLanes.Load(sums + d)));
                TLanes.Store(sums + d + 16, TLanes.MultiplyAdd(upper, probability, TLanes.Load(sums + d + 16)));
            }
        }
    }

    /// <summary>
    /// One block for up to <see cref="ScoreKernels{TLanes, TElements}.GroupQueries"/> queries. With more than four, memory between them
    /// and eight is used, too.
    /// </summary>
    /// <param name="group">Queries.</param>
    /// <param name="probabilities">The first query's probability of the block's first position.</param>
    /// <param name="values">The block's elements.</param>
    /// <param name="width">Dimensions, a multiple of 32.</param>
    /// <param name="scales">[width / 32, BlockTokens]; only read for elements that are scaled in groups.</param>
    /// <param name="from">The first position.</param>
    /// <param name="to">The position after the last.</param>
    /// <param name="sums">The first query's sums.</param>
    /// <param name="stride">Elements from one query's sums to the next.</param>
    /// <param name="next">What is needed next, as large as the values: it is prefetched unless elements are floats.</param>
    internal static void Add(
        int group, float* probabilities, byte* values, int width, float* scales, int from, int to, float* sums, int stride, byte* next)
    {
        switch (group)
        {
            case 1:
                Add<OneQuery>(probabilities, values, width, scales, from, to, sums, stride, next);
                break;
            case 2:
                Add<TwoQueries>(probabilities, values, width, scales, from, to, sums, stride, next);
                break;
            case 3:
                Add<ThreeQueries>(probabilities, values, width, scales, from, to, sums, stride, next);
                break;
            case 4:
                Add<FourQueries>(probabilities, values, width, scales, from, to, sums, stride, next);
                break;
            default:
                Add<EightQueries>(probabilities, values, width, scales, from, to, sums, stride, next);
                break;
        }
    }

    private static void Add<TCount>(
        float* probabilities, byte* values, int width, float* scales, int from, int to, float* sums, int stride, byte* next)
        where TCount : struct, IQueryCount
    {
        int d = 0;
        long step = (long)width * TElements.Size;
        if (TLanes.HasManyRegisters && TCount.Value <= FourQueries.Value)
        {
            for (; d <= width - (2 * Pair); d += 2 * Pair)
            {
                long offset = (long)d * TElements.Size;
                AddTwoPairs<TCount>(probabilities, values + offset, step, scales + d, from, to, sums + d, stride, next + offset);
            }
        }

        for (; d < width; d += Pair)
        {
            long offset = (long)d * TElements.Size;
            if (TLanes.HasManyRegisters)
            {
                AddPair<TCount>(probabilities, values + offset, step, scales + d, from, to, sums + d, stride, next + offset);
            }
            else
            {
                AddHalf<TCount>(probabilities, values + offset, step, scales + d, from, to, sums + d, stride, next + offset, upper: false);
                AddHalf<TCount>(probabilities, values + offset, step, scales + d, from, to, sums + d + 16, stride, next, upper: true);
            }
        }
    }

    private static void AddTwoPairs<TCount>(
        float* probabilities, byte* values, long step, float* scales, int from, int to, float* sums, int stride, byte* next)
        where TCount : struct, IQueryCount
    {
        const int Chunk = AttentionOp.ChunkTokens;
        float* r1 = sums + stride;
        float* r2 = sums + (2 * stride);
        float* r3 = sums + (3 * stride);
        TLanes a0 = TLanes.Load(sums), b0 = TLanes.Load(sums + 16), c0 = TLanes.Load(sums + 32), d0 = TLanes.Load(sums + 48);
        TLanes a1 = default, b1 = default, c1 = default, d1 = default;
        TLanes a2 = default, b2 = default, c2 = default, d2 = default;
        TLanes a3 = default, b3 = default, c3 = default, d3 = default;
        if (TCount.Value > 1)
        {
            (a1, b1, c1, d1) = (TLanes.Load(r1), TLanes.Load(r1 + 16), TLanes.Load(r1 + 32), TLanes.Load(r1 + 48));
        }

        if (TCount.Value > 2)
        {
            (a2, b2, c2, d2) = (TLanes.Load(r2), TLanes.Load(r2 + 16), TLanes.Load(r2 + 32), TLanes.Load(r2 + 48));
        }

        if (TCount.Value > 3)
        {
            (a3, b3, c3, d3) = (TLanes.Load(r3), TLanes.Load(r3 + 16), TLanes.Load(r3 + 32), TLanes.Load(r3 + 48));
        }

        byte* row = values + (from * step);
        for (int j = from; j < to; j++, row += step)
        {
            TLanes a = Scale(TElements.LoadLower<TLanes>(row), scales + j);
            TLanes b = Scale(TElements.LoadUpper<TLanes>(row), scales + j);
            TLanes c = Scale(TElements.LoadLower<TLanes>(row + (Pair * TElements.Size)), scales + Pair + j);
            TLanes d = Scale(TElements.LoadUpper<TLanes>(row + (Pair * TElements.Size)), scales + Pair + j);
            PrefetchRow(next + (j * step), 2 * Pair);
            TLanes p = TLanes.Create(probabilities[j]);
            a0 = TLanes.MultiplyAdd(a, p, a0);
            b0 = TLanes.MultiplyAdd(b, p, b0);
            c0 = TLanes.MultiplyAdd(c, p, c0);
            d0 = TLanes.MultiplyAdd(d, p, d0);
            if (TCount.Value > 1)
            {
                p = TLanes.Create(probabilities[j + Chunk]);
                a1 = TLanes.MultiplyAdd(a, p, a1);
                b1 = TLanes.MultiplyAdd(b, p, b1);
                c1 = TLanes.MultiplyAdd(c, p, c1);
                d1 = TLanes.MultiplyAdd(d, p, d1);
            }

            if (TCount.Value > 2)
            {
                p = TLanes.Create(probabilities[j + (2 * Chunk)]);
                a2 = TLanes.MultiplyAdd(a, p, a2);
                b2 = TLanes.MultiplyAdd(b, p, b2);
                c2 = TLanes.MultiplyAdd(c, p, c2);
                d2 = TLanes.MultiplyAdd(d, p, d2);
            }

            if (TCount.Value > 3)
            {
                p = TLanes.Create(probabilities[j + (3 * Chunk)]);
                a3 = TLanes.MultiplyAdd(a, p, a3);
                b3 = TLanes.MultiplyAdd(b, p, b3);
                c3 = TLanes.MultiplyAdd(c, p, c3);
                d3 = TLanes.MultiplyAdd(d, p, d3);
            }
        }

        Store(sums, a0, b0, c0, d0);
        if (TCount.Value > 1)
        {
            Store(r1, a1, b1, c1, d1);
        }

        if (TCount.Value > 2)
        {
            Store(r2, a2, b2, c2, d2);
        }

        if (TCount.Value > 3)
        {
            Store(r3, a3, b3, c3, d3);
        }
    }

    private static void AddPair<TCount>(
        float* probabilities, byte* values, long step, float* scales, int from, int to, float* sums, int stride, byte* next)
        where TCount : struct, IQueryCount
    {
        const int Chunk = AttentionOp.ChunkTokens;
        TLanes l1 = default, l2 = l1, l3 = l1, l4 = l1, l5 = l1, l6 = l1, l7 = l1;
        TLanes u1 = l1, u2 = l1, u3 = l1, u4 = l1, u5 = l1, u6 = l1, u7 = l1;
        Load(sums, out TLanes l0, out TLanes u0);
        if (TCount.Value > 1)
        {
            Load(sums + stride, out l1, out u1);
        }

        if (TCount.Value > 2)
        {
            Load(sums + (2 * stride), out l2, out u2);
        }

        if (TCount.Value > 3)
        {
            Load(sums + (3 * stride), out l3, out u3);
        }

        if (TCount.Value > 4)
        {
            Load(sums + (4 * stride), out l4, out u4);
            Load(sums + (5 * stride), out l5, out u5);
            Load(sums + (6 * stride), out l6, out u6);
            Load(sums + (7 * stride), out l7, out u7);
        }

        byte* row = values + (from * step);
        for (int j = from; j < to; j++, row += step)
        {
            TLanes lower = Scale(TElements.LoadLower<TLanes>(row), scales + j);
            TLanes upper = Scale(TElements.LoadUpper<TLanes>(row), scales + j);
            PrefetchRow(next + (j * step), Pair);
            TLanes p = TLanes.Create(probabilities[j]);
            l0 = TLanes.MultiplyAdd(lower, p, l0);
            u0 = TLanes.MultiplyAdd(upper, p, u0);
            if (TCount.Value > 1)
            {
                p = TLanes.Create(probabilities[j + Chunk]);
                l1 = TLanes.MultiplyAdd(lower, p, l1);
                u1 = TLanes.MultiplyAdd(upper, p, u1);
            }

            if (TCount.Value > 2)
            {
                p = TLanes.Create(probabilities[j + (2 * Chunk)]);
                l2 = TLanes.MultiplyAdd(lower, p, l2);
                u2 = TLanes.MultiplyAdd(upper, p, u2);
            }

            if (TCount.Value > 3)
            {
                p = TLanes.Create(probabilities[j + (3 * Chunk)]);
                l3 = TLanes.MultiplyAdd(lower, p, l3);
                u3 = TLanes.MultiplyAdd(upper, p, u3);
            }

            if (TCount.Value > 4)
            {
                p = TLanes.Create(probabilities[j + (4 * Chunk)]);
                l4 = TLanes.MultiplyAdd(lower, p, l4);
                u4 = TLanes.MultiplyAdd(upper, p, u4);
                p = TLanes.Create(probabilities[j + (5 * Chunk)]);
                l5 = TLanes.MultiplyAdd(lower, p, l5);
                u5 = TLanes.MultiplyAdd(upper, p, u5);
                p = TLanes.Create(probabilities[j + (6 * Chunk)]);
                l6 = TLanes.MultiplyAdd(lower, p, l6);
                u6 = TLanes.MultiplyAdd(upper, p, u6);
                p = TLanes.Create(probabilities[j + (7 * Chunk)]);
                l7 = TLanes.MultiplyAdd(lower, p, l7);
                u7 = TLanes.MultiplyAdd(upper, p, u7);
            }
        }

        Store(sums, l0, u0);
        if (TCount.Value > 1)
        {
            Store(sums + stride, l1, u1);
        }

        if (TCount.Value > 2)
        {
            Store(sums + (2 * stride), l2, u2);
        }

        if (TCount.Value > 3)
        {
            Store(sums + (3 * stride), l3, u3);
        }

        if (TCount.Value > 4)
        {
            Store(sums + (4 * stride), l4, u4);
            Store(sums + (5 * stride), l5, u5);
            Store(sums + (6 * stride), l6, u6);
            Store(sums + (7 * stride), l7, u7);
        }
    }

    /// <summary>Sixteen dimensions for up to four queries: the lower or the upper half of a pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddHalf<TCount>(
        float* probabilities, byte* values, long step, float* scales, int from, int to, float* sums, int stride, byte* next, bool upper)
        where TCount : struct, IQueryCount
    {
        const int Chunk = AttentionOp.ChunkTokens;
        TLanes s0 = TLanes.Load(sums);
        TLanes s1 = TCount.Value > 1 ? TLanes.Load(sums + stride) : default;
        TLanes s2 = TCount.Value > 2 ? TLanes.Load(sums + (2 * stride)) : default;
        TLanes s3 = TCount.Value > 3 ? TLanes.Load(sums + (3 * stride)) : default;
        byte* row = values + (from * step);
        for (int j = from; j < to; j++, row += step)
        {
            TLanes value = Scale(upper ? TElements.LoadUpper<TLanes>(row) : TElements.LoadLower<TLanes>(row), scales + j);
            if (!upper)
            {
                PrefetchRow(next + (j * step), Pair);
            }

            s0 = TLanes.MultiplyAdd(value, TLanes.Create(probabilities[j]), s0);
            s1 = TCount.Value > 1 ? TLanes.MultiplyAdd(value, TLanes.Create(probabilities[j + Chunk]), s1) : s1;
            s2 = TCount.Value > 2 ? TLanes.MultiplyAdd(value, TLanes.Create(probabilities[j + (2 * Chunk)]), s2) : s2;
            s3 = TCount.Value > 3 ? TLanes.MultiplyAdd(value, TLanes.Create(probabilities[j + (3 * Chunk)]), s3) : s3;
        }

        TLanes.Store(sums, s0);
        if (TCount.Value > 1)
        {
            TLanes.Store(sums + stride, s1);
        }

        if (TCount.Value > 2)
        {
            TLanes.Store(sums + (2 * stride), s2);
        }

        if (TCount.Value > 3)
        {
            TLanes.Store(sums + (3 * stride), s3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Scale(TLanes elements, float* scale) =>
        TElements.Scaling == KvScaling.Group ? TLanes.Multiply(elements, TLanes.Create(*scale)) : elements;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchRow(byte* row, int elements)
    {
        for (int i = 0; TElements.Size < sizeof(float) && i < elements * TElements.Size; i += Prefetch.LineBytes)
        {
            Prefetch.Line(row + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(float* source, out TLanes lower, out TLanes upper)
    {
        lower = TLanes.Load(source);
        upper = TLanes.Load(source + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* destination, TLanes lower, TLanes upper)
    {
        TLanes.Store(destination, lower);
        TLanes.Store(destination + 16, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* destination, TLanes a, TLanes b, TLanes c, TLanes d)
    {
        Store(destination, a, b);
        Store(destination + 32, c, d);
    }
}
