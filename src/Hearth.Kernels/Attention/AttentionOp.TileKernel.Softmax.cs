using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

public static unsafe partial class AttentionOp
{
    /// <summary>What happens to scores between keys and values.</summary>
    private readonly ref partial struct TileKernel<TLanes>
    {
        /// <summary>Without scales the factors are the same for every position and chunk.</summary>
        private void FillFactors()
        {
            new Span<float>(_keyFactors, ChunkTokens).Fill(_shape.ScoreFactor);
            new Span<float>(_valueFactors, ChunkTokens).Fill(_shape.ProbabilityFactor);
            for (int i = 0; _shape.AlibiSlopes is not null && i < ChunkTokens; i++)
            {
                _offsets[i] = i;
            }
        }

        private void LoadFactors(int block, int start)
        {
            float* keyScales = _shape.Memory.KeyScales(_table[block], _head);
            float* valueScales = _shape.Memory.ValueScales(_table[block], _head);
            if ((block + 1) * KvStorage.BlockTokens <= _last[0])
            {
                PrefetchScales(_shape.Memory.KeyScales(_table[block + 1], _head));
                PrefetchScales(_shape.Memory.ValueScales(_table[block + 1], _head));
            }

            int offset = (block * KvStorage.BlockTokens) - start;
            TLanes score = TLanes.Create(_shape.ScoreFactor);
            TLanes probability = TLanes.Create(_shape.ProbabilityFactor);
            for (int i = 0; i < KvStorage.BlockTokens; i += 16)
            {
                TLanes.Store(_keyFactors + offset + i, TLanes.Multiply(TLanes.Load(keyScales + i), score));
                TLanes.Store(_valueFactors + offset + i, TLanes.Multiply(TLanes.Load(valueScales + i), probability));
            }
        }

        private static void PrefetchScales(float* scales)
        {
            Prefetch.Line(scales);
            Prefetch.Line(scales + (KvStorage.BlockTokens / 2));
        }

        private void Softmax(int m, int start)
        {
            int first = Math.Max(_first[m] - start, 0);
            int last = Math.Min(_last[m] - start, ChunkTokens - 1);
            if (first > last)
            {
                _chunkMax[m] = float.NegativeInfinity;
                _chunkSum[m] = 0f;
                return;
            }

            float* scores = _scores + ((long)m * ChunkTokens);
            int from = first & ~15;
            int to = (last | 15) + 1;
            TLanes cap = TLanes.Create(_shape.SoftCap);
            TLanes most = TLanes.Create(float.NegativeInfinity);
            for (int i = from; i < to; i += 16)
            {
                TLanes score = TLanes.Multiply(TLanes.Load(scores + i), TLanes.Load(_keyFactors + i));
                if (_shape.SoftCap != 0f)
                {
                    score = TLanes.Multiply(cap, FloatMath.Tanh(TLanes.Divide(score, cap)));
                }

                if (_shape.AlibiSlopes is not null)
                {
                    TLanes after = TLanes.Subtract(TLanes.Create((float)(_shape.Positions[Row(m)] - start)), TLanes.Load(_offsets + i));
                    TLanes distance = TLanes.Max(after, TLanes.Subtract(TLanes.Create(0f), after));
                    score = TLanes.MultiplyAdd(TLanes.Create(-_shape.AlibiSlopes[Head(m)]), distance, score);
                }

                TLanes.Store(scores + i, score);
                if (i < first || i + 15 > last)
                {
                    Mask(scores, i, first, last);
                    score = TLanes.Load(scores + i);
                }

                most = TLanes.Max(most, score);
            }

            _chunkMax[m] = TLanes.MaxAcross(most);
            TLanes max = TLanes.Create(_chunkMax[m]);
            TLanes sum = TLanes.Create(0f);
            for (int i = from; i < to; i += 16)
            {
                TLanes value = FloatMath.ExpOfNegative(TLanes.Subtract(TLanes.Load(scores + i), max));
                sum = TLanes.Add(sum, value);
                TLanes.Store(scores + i, TLanes.Multiply(value, TLanes.Load(_valueFactors + i)));
            }

            _chunkSum[m] = TLanes.Sum(sum);
        }

        private static void Mask(float* scores, int start, int first, int last)
        {
            for (int i = start; i < start + 16; i++)
            {
                if (i < first || i > last)
                {
                    scores[i] = float.NegativeInfinity;
                }
            }
        }
    }
}
