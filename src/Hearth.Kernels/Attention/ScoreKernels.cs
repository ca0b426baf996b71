using System.Runtime.CompilerServices;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

/// <summary>
/// The inner loops of attention over keys: scores[i, position] += keys[d, position] * queries[i, d] for every d, in order, each rounded
/// once. Queries are [count of queries, stride], keys [count, BlockTokens], scores [count of queries, ChunkTokens].
/// </summary>
internal static unsafe class ScoreKernels<TLanes, TElements>
    where TLanes : struct, ILanes<TLanes>
    where TElements : struct, IKvElements
{
    /// <summary>Queries that are taken at once.</summary>
    internal static int GroupQueries => TLanes.HasManyRegisters ? EightQueries.Value : FourQueries.Value;

    /// <summary>
    /// One block for up to <see cref="GroupQueries"/> queries. With more than four, memory between them and eight is used, too.
    /// </summary>
    /// <param name="group">Queries.</param>
    /// <param name="queries">The first query's first element that is to be used.</param>
    /// <param name="stride">Elements from one query to the next.</param>
    /// <param name="count">Dimensions.</param>
    /// <param name="keys">The block's elements, from the first dimension on, which starts a group of scales.</param>
    /// <param name="scales">[dimensions / 32, BlockTokens]; only read for elements that are scaled in groups.</param>
    /// <param name="first">Whether the scores are zero before, whatever is there.</param>
    /// <param name="scores">The first query's score of the block's first position.</param>
    /// <param name="next">What is needed next, as large as the keys: it is prefetched unless elements are floats.</param>
    internal static void Add(
        int group, float* queries, int stride, int count, byte* keys, float* scales, bool first, float* scores, byte* next)
    {
        switch (group)
        {
            case 1:
                Add<OneQuery>(queries, stride, count, keys, scales, first, scores, next);
                break;
            case 2:
                Add<TwoQueries>(queries, stride, count, keys, scales, first, scores, next);
                break;
            case 3:
                Add<ThreeQueries>(queries, stride, count, keys, scales, first, scores, next);
                break;
            case 4:
                Add<FourQueries>(queries, stride, count, keys, scales, first, scores, next);
                break;
            default:
                AddPairs<EightQueries>(queries, stride, count, keys, scales, first, scores, next);
                break;
        }
    }

    private static void Add<TCount>(
        float* queries, int stride, int count, byte* keys, float* scales, bool first, float* scores, byte* next)
        where TCount : struct, IQueryCount
    {
        if (TLanes.HasManyRegisters)
        {
            AddPairs<TCount>(queries, stride, count, keys, scales, first, scores, next);
        }
        else
        {
            AddHalves<TCount>(queries, stride, count, keys, scales, first, scores, next, upper: false);
            AddHalves<TCount>(queries, stride, count, keys, scales + 16, first, scores + 16, next, upper: true);
        }
    }

    /// <summary>All positions of the block at once.</summary>
    private static void AddPairs<TCount>(
        float* queries, int stride, int count, byte* keys, float* scales, bool first, float* scores, byte* next)
        where TCount : struct, IQueryCount
    {
        const int Chunk = AttentionOp.ChunkTokens;
        float* q1 = queries + stride;
        float* q2 = queries + (2 * stride);
        float* q3 = queries + (3 * stride);
        float* q4 = queries + (4 * stride);
        float* q5 = queries + (5 * stride);
        float* q6 = queries + (6 * stride);
        float* q7 = queries + (7 * stride);
        TLanes l0 = TLanes.Create(0f), l1 = l0, l2 = l0, l3 = l0, l4 = l0, l5 = l0, l6 = l0, l7 = l0;
        TLanes u0 = l0, u1 = l0, u2 = l0, u3 = l0, u4 = l0, u5 = l0, u6 = l0, u7 = l0;
        if (!first)
        {
            Load(scores, out l0, out u0);

            if (TCount.Value > 1)
            {
                Load(scores + Chunk, out l1, out u1);
            }

            if (TCount.Value > 2)
            {
                Load(scores + (2 * Chunk), out l2, out u2);
            }

            if (TCount.Value > 3)
            {
                Load(scores + (3 * Chunk), out l3, out u3);
            }

            if (TCount.Value > 4)
            {
                Load(scores + (4 * Chunk), out l4, out u4);
                Load(scores + (5 * Chunk), out l5, out u5);
                Load(scores + (6 * Chunk), out l6, out u6);
                Load(scores + (7 * Chunk), out l7, out u7);
            }
        }

        bool scaled = TElements.Scaling == KvScaling.Group;
        for (int from = 0, to; from < count; from = to)
        {
            to = scaled ? Math.Min(from + KvElementLayout.ScaleGroup, count) : count;
            TLanes lowerScale = scaled ? TLanes.Load(scales + from) : default;
            TLanes upperScale = scaled ? TLanes.Load(scales + from + 16) : default;
            for (int d = from; d < to; d++)
            {
                TLanes lower = TElements.LoadLower<TLanes>(keys);
                TLanes upper = TElements.LoadUpper<TLanes>(keys);
                if (scaled)
                {
                    lower = TLanes.Multiply(lower, lowerScale);
                    upper = TLanes.Multiply(upper, upperScale);
                }

                keys += KvStorage.BlockTokens * TElements.Size;
                if (TElements.Size < sizeof(float))
                {
                    Prefetch.Line(next + ((long)d * KvStorage.BlockTokens * TElements.Size));
                }

                TLanes query = TLanes.Create(queries[d]);
                l0 = TLanes.MultiplyAdd(lower, query, l0);
                u0 = TLanes.MultiplyAdd(upper, query, u0);
                if (TCount.Value > 1)
                {
                    query = TLanes.Create(q1[d]);
                    l1 = TLanes.MultiplyAdd(lower, query, l1);
                    u1 = TLanes.MultiplyAdd(upper, query, u1);
                }

                if (TCount.Value > 2)
                {
                    query = TLanes.Create(q2[d]);
                    l2 = TLanes.MultiplyAdd(lower, query, l2);
                    u2 = TLanes.MultiplyAdd(upper, query, u2);
                }

                if (TCount.Value > 3)
                {
                    query = TLanes.Create(q3[d]);
                    l3 = TLanes.MultiplyAdd(lower, query, l3);
                    u3 = TLanes.MultiplyAdd(upper, query, u3);
                }

                if (TCount.Value > 4)
                {
                    query = TLanes.Create(q4[d]);
                    l4 = TLanes.MultiplyAdd(lower, query, l4);
                    u4 = TLanes.MultiplyAdd(upper, query, u4);
                    query = TLanes.Create(q5[d]);
                    l5 = TLanes.MultiplyAdd(lower, query, l5);
                    u5 = TLanes.MultiplyAdd(upper, query, u5);
                    query = TLanes.Create(q6[d]);
                    l6 = TLanes.MultiplyAdd(lower, query, l6);
                    u6 = TLanes.MultiplyAdd(upper, query, u6);
                    query = TLanes.Create(q7[d]);
                    l7 = TLanes.MultiplyAdd(lower, query, l7);
                    u7 = TLanes.MultiplyAdd(upper, query, u7);
                }
            }
        }

        Store(scores, l0, u0);

        if (TCount.Value > 1)
        {
            Store(scores + Chunk, l1, u1);
        }

        if (TCount.Value > 2)
        {
            Store(scores + (2 * Chunk), l2, u2);
        }

        if (TCount.Value > 3)
        {
            Store(scores + (3 * Chunk), l3, u3);
        }

        if (TCount.Value > 4)
        {
            Store(scores + (4 * Chunk), l4, u4);
            Store(scores + (5 * Chunk), l5, u5);
            Store(scores + (6 * Chunk), l6, u6);
            Store(scores + (7 * Chunk), l7, u7);
        }
    }

    /// <summary>The lower or the upper sixteen positions of the block, for up to four queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddHalves<TCount>(
        float* queries, int stride, int count, byte* keys, float* scales, bool first, float* scores, byte* next, bool upper)
        where TCount : struct, IQueryCount
    {
        const int Chunk = AttentionOp.ChunkTokens;
        float* q1 = queries + stride;
        float* q2 = queries + (2 * stride);
        float* q3 = queries + (3 * stride);
        TLanes s0 = TLanes.Create(0f), s1 = s0, s2 = s0, s3 = s0;
        if (!first)
        {
            s0 = TLanes.Load(scores);
            s1 = TCount.Value > 1 ? TLanes.Load(scores + Chunk) : s1;
            s2 = TCount.Value > 2 ? TLanes.Load(scores + (2 * Chunk)) : s2;
            s3 = TCount.Value > 3 ? TLanes.Load(scores + (3 * Chunk)) : s3;
        }

        bool scaled = TElements.Scaling == KvScaling.Group;
        for (int from = 0, to; from < count; from = to)
        {
            to = scaled ? Math.Min(from + KvElementLayout.ScaleGroup, count) : count;
            TLanes scale = scaled ? TLanes.Load(scales + from) : default;
            for (int d = from; d < to; d++)
            {
                TLanes key = upper ? TElements.LoadUpper<TLanes>(keys) : TElements.LoadLower<TLanes>(keys);
                key = scaled ? TLanes.Multiply(key, scale) : key;
                keys += KvStorage.BlockTokens * TElements.Size;
                if (TElements.Size < sizeof(float) && !upper)
                {
                    Prefetch.Line(next + ((long)d * KvStorage.BlockTokens * TElements.Size));
                }

                s0 = TLanes.MultiplyAdd(key, TLanes.Create(queries[d]), s0);
                s1 = TCount.Value > 1 ? TLanes.MultiplyAdd(key, TLanes.Create(q1[d]), s1) : s1;
                s2 = TCount.Value > 2 ? TLanes.MultiplyAdd(key, TLanes.Create(q2[d]), s2) : s2;
                s3 = TCount.Value > 3 ? TLanes.MultiplyAdd(key, TLanes.Create(q3[d]), s3) : s3;
            }
        }

        TLanes.Store(scores, s0);

        if (TCount.Value > 1)
        {
            TLanes.Store(scores + Chunk, s1);
        }

        if (TCount.Value > 2)
        {
            TLanes.Store(scores + (2 * Chunk), s2);
        }

        if (TCount.Value > 3)
        {
            TLanes.Store(scores + (3 * Chunk), s3);
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
}
