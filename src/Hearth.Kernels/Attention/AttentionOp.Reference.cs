using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

public static unsafe partial class AttentionOp
{
    /// <summary>The scalar twin: the order of operations in plain words.</summary>
    private static void Reference(in Shape shape)
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
                    ReferenceScores(shape, row, head, start, shape.Queries + (item * shape.KeySize), chunkScores);
                    float chunkMax = ReferenceSoftmax(chunkScores, start, out float chunkSum);
                    ReferenceValues(shape, row, head, start, chunkScores, chunkValues);
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

    private static float ReferenceElement(in Shape shape, byte* data, long index) =>
        shape.Memory.Type == KvElementType.F16 ? ScaledHalves.Load(((ushort*)data)[index]) : ((float*)data)[index];

    private static float ReferenceScale(in Shape shape, int row, int head, int position, bool keys)
    {
        if (shape.Memory.Type == KvElementType.F32)
        {
            return 1f;
        }

        int block = ReferenceBlock(shape, row, position);
        int keyValueHead = head / shape.Group;
        float* scales = keys ? shape.Memory.KeyScales(block, keyValueHead) : shape.Memory.ValueScales(block, keyValueHead);
        return scales[position % KvStorage.BlockTokens];
    }

    private static void ReferenceScores(in Shape shape, int row, int head, int start, float* query, Span<float> scores)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            byte* keys = shape.Memory.Keys(ReferenceBlock(shape, row, start + i), head / shape.Group);
            float dot = 0f;
            for (int d = 0; d < shape.KeySize; d++)
            {
                float key = ReferenceElement(shape, keys, ((long)d * KvStorage.BlockTokens) + ((start + i) % KvStorage.BlockTokens));
                dot = MathF.FusedMultiplyAdd(key, query[d] * shape.QueryFactor, dot);
            }

            float score = dot * (ReferenceScale(shape, row, head, start + i, keys: true) * shape.ScoreFactor);
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

    private static void ReferenceValues(in Shape shape, int row, int head, int start, ReadOnlySpan<float> probabilities, Span<float> sums)
    {
        sums.Clear();
        for (int i = 0; i < probabilities.Length; i++)
        {
            byte* values = shape.Memory.Values(ReferenceBlock(shape, row, start + i), head / shape.Group);
            float probability = probabilities[i] * (ReferenceScale(shape, row, head, start + i, keys: false) * shape.ProbabilityFactor);
            for (int d = 0; d < sums.Length; d++)
            {
                float value = ReferenceElement(shape, values, ((long)((start + i) % KvStorage.BlockTokens) * shape.ValueStride) + d);
                sums[d] = MathF.FusedMultiplyAdd(value, probability, sums[d]);
            }
        }
    }
}
