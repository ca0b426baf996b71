using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

public static unsafe partial class AttentionOp
{
    /// <summary>The scalar twin: the order of operations in plain words.</summary>
    private static void Reference<TElements>(in Shape shape)
        where TElements : struct, IKvElements
    {
        Span<float> scores = stackalloc float[ChunkTokens];
        float[] values = new float[shape.ValueSize];
        float[] chunkValues = new float[shape.ValueSize];
        for (int row = 0; row < shape.Rows; row++)
        {
            int first = shape.First(row);
            int last = shape.Last(row);
            for (int head = 0; head < shape.Heads; head++)
            {
                long item = ((long)row * shape.Heads) + head;
                float max = 0f;
                float sum = 0f;
                for (int chunk = first / ChunkTokens; chunk <= last / ChunkTokens; chunk++)
                {
                    int start = Math.Max(first, chunk * ChunkTokens);
                    int end = Math.Min(last, (chunk * ChunkTokens) + ChunkTokens - 1) + 1;
                    Span<float> chunkScores = scores[..(end - start)];
                    ReferenceScores<TElements>(shape, row, head, start, shape.Queries + (item * shape.KeySize), chunkScores);
                    float chunkMax = ReferenceSoftmax(chunkScores, start, out float chunkSum);
                    ReferenceValues<TElements>(shape, row, head, start, chunkScores, chunkValues);
                    if (chunk == first / ChunkTokens)
                    {
                        (max, sum) = (chunkMax, chunkSum);
                        chunkValues.CopyTo(values, 0);
                        continue;
                    }

                    float merged = chunkMax > max ? chunkMax : max;
                    float keep = FloatMath.Exp(max - merged);
                    float take = FloatMath.Exp(chunkMax - merged);
                    sum = MathF.FusedMultiplyAdd(sum, keep, chunkSum * take);
                    for (int i = 0; i < values.Length; i++)
                    {
                        values[i] = MathF.FusedMultiplyAdd(values[i], keep, chunkValues[i] * take);
                    }

                    max = merged;
                }

                float factor = OutputFactor(shape, head, max, sum);
                for (int i = 0; i < values.Length; i++)
                {
                    shape.Output[(item * shape.ValueSize) + i] = values[i] * factor;
                }
            }
        }
    }

    /// <summary>What the sums of values are multiplied by in the end.</summary>
    private static float OutputFactor(in Shape shape, int head, float max, float sum)
    {
        if (shape.Sinks is null)
        {
            return 1f / sum;
        }

        float sink = shape.Sinks[head];
        float merged = sink > max ? sink : max;
        float keep = FloatMath.Exp(max - merged);
        return keep / MathF.FusedMultiplyAdd(sum, keep, FloatMath.Exp(sink - merged));
    }

    private static int ReferenceBlock(in Shape shape, int row, int position) =>
        shape.Tables[((long)shape.Sequences[row] * shape.TableStride) + (position / KvStorage.BlockTokens)];

    /// <summary>The element in a row of 32; what is scaled in groups has its scale in it.</summary>
    private static float ReferenceElement<TElements>(byte* data, long row, int index, ushort* scales, int group, int position)
        where TElements : struct, IKvElements
    {
        float element = TElements.Load(data, (row * KvStorage.BlockTokens) + TElements.Place(index));
        return TElements.Scaling == KvScaling.Group ? element * ReferenceScale(scales, group, position) : element;
    }

    private static float ReferenceScale(ushort* scales, int group, int position) =>
        BFloat16Elements.Load((byte*)scales, (group * KvStorage.BlockTokens) + BFloat16Elements.Place(position));

    private static void ReferenceScores<TElements>(in Shape shape, int row, int head, int start, float* query, Span<float> scores)
        where TElements : struct, IKvElements
    {
        for (int i = 0; i < scores.Length; i++)
        {
            int block = ReferenceBlock(shape, row, start + i);
            int position = (start + i) % KvStorage.BlockTokens;
            byte* keys = shape.Memory.Keys(block, head / shape.Group);
            ushort* scales = shape.Memory.KeyScales(block, head / shape.Group);
            float dot = 0f;
            for (int d = 0; d < shape.KeySize; d++)
            {
                float key = ReferenceElement<TElements>(keys, d, position, scales, d / KvElementLayout.ScaleGroup, position);
                dot = MathF.FusedMultiplyAdd(key, query[d] * shape.QueryFactor, dot);
            }

            float scale = TElements.Scaling == KvScaling.Vector ? ReferenceScale(scales, 0, position) : 1f;
            float score = dot * (scale * shape.ScoreFactor);
            score = shape.SoftCap == 0f ? score : shape.SoftCap * FloatMath.Tanh(score / shape.SoftCap);
            if (shape.AlibiSlopes is not null)
            {
                int offset = (start + i) % ChunkTokens;
                float distance = Math.Abs((float)(shape.Positions[row] - (start + i - offset)) - offset);
                score = MathF.FusedMultiplyAdd(-shape.AlibiSlopes[head], distance, score);
            }

            scores[i] = score;
        }
    }

    private static float ReferenceSoftmax(Span<float> scores, int start, out float sum)
    {
        float max = float.NegativeInfinity;
        foreach (float score in scores)
        {
            max = score > max ? score : max;
        }

        Span<float> partial = stackalloc float[16];
        partial.Clear();
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = FloatMath.Exp(scores[i] - max);
            partial[(start + i) % 16] += scores[i];
        }

        sum = FixedTree.Sum(partial);
        return max;
    }

    private static void ReferenceValues<TElements>(
        in Shape shape, int row, int head, int start, ReadOnlySpan<float> probabilities, Span<float> sums)
        where TElements : struct, IKvElements
    {
        sums.Clear();
        int pairs = shape.ValueStride / KvElementLayout.ScaleGroup;
        for (int i = 0; i < probabilities.Length; i++)
        {
            int block = ReferenceBlock(shape, row, start + i);
            int position = (start + i) % KvStorage.BlockTokens;
            byte* values = shape.Memory.Values(block, head / shape.Group);
            ushort* scales = shape.Memory.ValueScales(block, head / shape.Group);
            float scale = TElements.Scaling == KvScaling.Vector ? ReferenceScale(scales, 0, position) : 1f;
            float probability = probabilities[i] * (scale * shape.ProbabilityFactor);
            for (int d = 0; d < sums.Length; d++)
            {
                (int pair, int index) = Math.DivRem(d, KvElementLayout.ScaleGroup);
                float value = ReferenceElement<TElements>(values, ((long)position * pairs) + pair, index, scales, pair, position);
                sums[d] = MathF.FusedMultiplyAdd(value, probability, sums[d]);
            }
        }
    }
}
