using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

public static unsafe partial class AttentionOp
{
    /// <summary>What happens to scores between keys and values.</summary>
    private readonly ref partial struct TileKernel<TLanes, TElements>
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

        /// <summary>The factors of a block's positions, where every vector has a scale.</summary>
        private void LoadFactors(int block, int start)
        {
            if (TElements.Scaling != KvScaling.Vector)
            {
                return;
            }

            if ((block + 1) * KvStorage.BlockTokens <= _last[0])
            {
                Prefetch.Line(_shape.Memory.KeyScales(_table[block + 1], _head));
                Prefetch.Line(_shape.Memory.ValueScales(_table[block + 1], _head));
            }

            int offset = (block * KvStorage.BlockTokens) - start;
            LoadFactors(_shape.Memory.KeyScales(_table[block], _head), _shape.ScoreFactor, _keyFactors + offset);
            LoadFactors(_shape.Memory.ValueScales(_table[block], _head), _shape.ProbabilityFactor, _valueFactors + offset);
        }

        private static void LoadFactors(ushort* scales, float factor, float* factors)
        {
            TLanes common = TLanes.Create(factor);
            TLanes.Store(factors, TLanes.Multiply(TLanes.LoadLowerHalves((uint*)scales), common));
            TLanes.Store(factors + 16, TLanes.Multiply(TLanes.LoadUpperHalves((uint*)scales), common));
        }

        /// <summary>A block's scales as floats, positions in order, where groups of elements have one; and asks for the next ones.</summary>
        /// <param name="scales">[groups, BlockTokens], behind the block's elements.</param>
        /// <param name="size">Dimensions.</param>
        /// <param name="next">The elements that come after those that are now at hand.</param>
        private void LoadScales(ushort* scales, int size, byte* next)
        {
            if (TElements.Scaling != KvScaling.Group)
            {
                return;
            }

            int elementBytes = KvStorage.BlockTokens * size * TElements.Size;
            byte* nextScales = next + ((elementBytes + Prefetch.LineBytes - 1) & -Prefetch.LineBytes);
            for (int d = 0; d < size; d += KvElementLayout.ScaleGroup, scales += KvStorage.BlockTokens)
            {
                Prefetch.Line(nextScales + (d * sizeof(ushort)));
                TLanes.Store(_scales + d, TLanes.LoadLowerHalves((uint*)scales));
                TLanes.Store(_scales + d + 16, TLanes.LoadUpperHalves((uint*)scales));
            }
        }

        /// <summary>Scores of a query become probabilities; asks meanwhile for a part of a block of values.</summary>
        private void Softmax(int m, int start, byte* ahead)
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
            long lines = (long)KvStorage.BlockTokens * _shape.ValueStride * TElements.Size / Prefetch.LineBytes;
            for (int i = from; i < to; i += 16)
            {
                long line = ((long)m * (ChunkTokens / 16)) + (i / 16);
                if (TElements.Size < sizeof(float) && line < lines)
                {
                    Prefetch.Line(ahead + (line * Prefetch.LineBytes));
                }

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
