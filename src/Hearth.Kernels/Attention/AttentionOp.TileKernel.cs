using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

public static unsafe partial class AttentionOp
{
    /// <summary>The queries of one tile and one key and value head. Query m is row m / group, head m % group of the group.</summary>
    private readonly ref struct TileKernel<TLanes>
        where TLanes : struct, ILanes<TLanes>
    {
        private readonly ref readonly Shape _shape;
        private readonly int _row;
        private readonly int _head;
        private readonly int _padded;
        private readonly bool _convert;
        private readonly int* _table;
        private readonly float* _queries;       // [padded, keySize], times the query factor
        private readonly float* _scores;        // [padded, ChunkTokens]
        private readonly float* _values;        // [padded, valueStride]: all chunks so far
        private readonly float* _chunkValues;   // [padded, valueStride]
        private readonly float* _max;           // [padded]
        private readonly float* _sum;           // [padded]; 0: no chunk yet
        private readonly float* _chunkMax;      // [padded]
        private readonly float* _chunkSum;      // [padded]; 0: no position of the chunk is seen
        private readonly float* _keyFactors;    // [ChunkTokens]: what the chunk's scores are multiplied by
        private readonly float* _valueFactors;  // [ChunkTokens]: what the chunk's probabilities are multiplied by
        private readonly float* _block;         // keys or values of a block as floats
        private readonly int* _first;           // [padded]: first position seen
        private readonly int* _last;            // [padded]: last position seen

        internal TileKernel(in Shape shape, int row, int rows, int head)
        {
            _shape = ref shape;
            _row = row;
            _head = head;
            Queries = rows * shape.Group;
            _padded = (Queries + 3) & ~3;
            _convert = shape.Storage.Type == KvElementType.F16 && Queries > 4;
            _table = shape.Tables + ((long)shape.Sequences[row] * shape.TableStride);

            long queries = Align((long)_padded * shape.KeySize);
            long scores = (long)_padded * ChunkTokens;
            long values = (long)_padded * shape.ValueStride;
            long perQuery = Align(_padded);
            long block = (long)KvStorage.BlockTokens * Math.Max(shape.KeySize, shape.ValueStride);
            _queries = Scratch.Rent(ScratchUse.Worker, queries + scores + (2 * values) + (6 * perQuery) + block + (2 * ChunkTokens));
            _scores = _queries + queries;
            _values = _scores + scores;
            _chunkValues = _values + values;
            _block = _chunkValues + values;
            _max = _block + block;
            _sum = _max + perQuery;
            _chunkMax = _sum + perQuery;
            _chunkSum = _chunkMax + perQuery;
            _first = (int*)(_chunkSum + perQuery);
            _last = _first + perQuery;
            _keyFactors = (float*)(_last + perQuery);
            _valueFactors = _keyFactors + ChunkTokens;
            LoadQueries();
            FillFactors();
        }

        /// <summary>Queries of the tile for this head.</summary>
        internal int Queries { get; }

        /// <summary>Computes one chunk for every query: maximum, sum and weighted values.</summary>
        internal void Chunk(int chunk)
        {
            int start = chunk * ChunkTokens;
            int from = Math.Max(start, _first[0]) / KvStorage.BlockTokens;
            int to = Math.Min(start + ChunkTokens - 1, _last[Queries - 1]) / KvStorage.BlockTokens;
            for (int block = from; block <= to; block++)
            {
                ScoreBlock(block, start, block < to ? Keys(block + 1) : Values(from));
            }

            for (int m = 0; m < Queries; m++)
            {
                Softmax(m, start);
            }

            new Span<float>(_chunkValues, _padded * _shape.ValueStride).Clear();
            byte* nextChunk = (to + 1) * KvStorage.BlockTokens <= _last[0] ? Keys(to + 1) : Values(to);
            for (int block = from; block <= to; block++)
            {
                AddBlock(block, start, block < to ? Values(block + 1) : nextChunk);
            }
        }

        /// <summary>Adds the chunk to the result so far.</summary>
        internal void Merge()
        {
            int stride = _shape.ValueStride;
            for (int m = 0; m < Queries; m++)
            {
                if (_chunkSum[m] == 0f)
                {
                    continue;
                }

                float* values = _values + ((long)m * stride);
                float* added = _chunkValues + ((long)m * stride);
                if (_sum[m] == 0f)
                {
                    _max[m] = _chunkMax[m];
                    _sum[m] = _chunkSum[m];
                    new ReadOnlySpan<float>(added, stride).CopyTo(new Span<float>(values, stride));
                    continue;
                }

                float merged = _chunkMax[m] > _max[m] ? _chunkMax[m] : _max[m];
                float keep = FloatMath.Exp(_max[m] - merged);
                float take = FloatMath.Exp(_chunkMax[m] - merged);
                _max[m] = merged;
                _sum[m] = MathF.FusedMultiplyAdd(_sum[m], keep, _chunkSum[m] * take);
                TLanes keeps = TLanes.Create(keep);
                TLanes takes = TLanes.Create(take);
                for (int i = 0; i < stride; i += 16)
                {
                    TLanes taken = TLanes.Multiply(TLanes.Load(added + i), takes);
                    TLanes.Store(values + i, TLanes.MultiplyAdd(TLanes.Load(values + i), keeps, taken));
                }
            }
        }

        internal void SavePartial(float* partial)
        {
            int stride = _shape.ValueStride;
            for (int m = 0; m < Queries; m++, partial += PartialStride(_shape))
            {
                new ReadOnlySpan<float>(_chunkValues + ((long)m * stride), stride).CopyTo(new Span<float>(partial, stride));
                partial[stride] = _chunkMax[m];
                partial[stride + 1] = _chunkSum[m];
            }
        }

        internal void LoadPartial(float* partial)
        {
            int stride = _shape.ValueStride;
            for (int m = 0; m < Queries; m++, partial += PartialStride(_shape))
            {
                new ReadOnlySpan<float>(partial, stride).CopyTo(new Span<float>(_chunkValues + ((long)m * stride), stride));
                _chunkMax[m] = partial[stride];
                _chunkSum[m] = partial[stride + 1];
            }
        }

        internal void WriteOutput()
        {
            int size = _shape.ValueSize;
            for (int m = 0; m < Queries; m++)
            {
                float* values = _values + ((long)m * _shape.ValueStride);
                float inverse = 1f / _sum[m];
                TLanes factor = TLanes.Create(inverse);
                float* output = _shape.Output + (HeadIndex(m) * size);
                int i = 0;
                for (; i <= size - 16; i += 16)
                {
                    TLanes.Store(output + i, TLanes.Multiply(TLanes.Load(values + i), factor));
                }

                for (; i < size; i++)
                {
                    output[i] = values[i] * inverse;
                }
            }
        }

        private static long Align(long floats) => (floats + 15) & ~15L;

        private long HeadIndex(int m) => ((_row + ((long)m / _shape.Group)) * _shape.Heads) + (_head * _shape.Group) + (m % _shape.Group);

        private void LoadQueries()
        {
            int size = _shape.KeySize;
            new Span<float>(_queries, _padded * size).Clear();
            new Span<float>(_scores, _padded * ChunkTokens).Clear();
            for (int m = 0; m < Queries; m++)
            {
                float* source = _shape.Queries + (HeadIndex(m) * size);
                float* destination = _queries + ((long)m * size);
                for (int d = 0; d < size; d++)
                {
                    destination[d] = source[d] * _shape.QueryFactor;
                }

                _last[m] = _shape.Positions[_row + (m / _shape.Group)];
                _first[m] = FirstPosition(_last[m], _shape.Window);
                _sum[m] = 0f;
            }
        }

        /// <summary>Without scales the factors are the same for every position and chunk.</summary>
        private void FillFactors()
        {
            new Span<float>(_keyFactors, ChunkTokens).Fill(_shape.ScoreFactor);
            new Span<float>(_valueFactors, ChunkTokens).Fill(_shape.ProbabilityFactor);
        }

        private void LoadFactors(int block, int start)
        {
            float* keyScales = _shape.Storage.KeyScales(_table[block], _shape.Layer, _head);
            float* valueScales = _shape.Storage.ValueScales(_table[block], _shape.Layer, _head);
            if ((block + 1) * KvStorage.BlockTokens <= _last[0])
            {
                PrefetchScales(_shape.Storage.KeyScales(_table[block + 1], _shape.Layer, _head));
                PrefetchScales(_shape.Storage.ValueScales(_table[block + 1], _shape.Layer, _head));
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

        private byte* Keys(int block) => _shape.Storage.Keys(_table[block], _shape.Layer, _head);

        private byte* Values(int block) => _shape.Storage.Values(_table[block], _shape.Layer, _head);

        private void ScoreBlock(int block, int start, byte* next)
        {
            byte* keys = Keys(block);
            if (_shape.Storage.Type == KvElementType.F16)
            {
                LoadFactors(block, start);
            }

            if (_convert)
            {
                Convert(keys, _shape.KeySize * KvStorage.BlockTokens, next);
                keys = (byte*)_block;
            }

            int position = block * KvStorage.BlockTokens;
            for (int m = 0; m < Queries; m += 4)
            {
                if (_last[Math.Min(m + 3, Queries - 1)] < position || _first[m] >= position + KvStorage.BlockTokens)
                {
                    continue;
                }

                float* queries = _queries + ((long)m * _shape.KeySize);
                float* scores = _scores + ((long)m * ChunkTokens) + (position - start);
                if (_shape.Storage.Type == KvElementType.F16 && !_convert)
                {
                    AttentionKernels<TLanes, HalfElements>.Scores(queries, _shape.KeySize, keys, scores, next);
                }
                else
                {
                    AttentionKernels<TLanes, SingleElements>.Scores(queries, _shape.KeySize, keys, scores, next);
                }
            }
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

        private void AddBlock(int block, int start, byte* next)
        {
            byte* values = Values(block);
            if (_convert)
            {
                Convert(values, _shape.ValueStride * KvStorage.BlockTokens, next);
                values = (byte*)_block;
            }

            if (_shape.Storage.Type == KvElementType.F16 && !_convert)
            {
                AddBlock<HalfElements>(values, block * KvStorage.BlockTokens, start, next);
            }
            else
            {
                AddBlock<SingleElements>(values, block * KvStorage.BlockTokens, start, next);
            }
        }

        /// <summary>
        /// Four queries at a time where all four see a position. What only some of them see comes before and after, query by query: a
        /// masked position must not even add zero times its value, which might be infinite.
        /// </summary>
        private void AddBlock<TElements>(byte* values, int position, int start, byte* next)
            where TElements : struct, IKvElements
        {
            int stride = _shape.ValueStride;
            int* from = stackalloc int[4];
            int* to = stackalloc int[4];
            for (int group = 0; group < Queries; group += 4)
            {
                float* probabilities = _scores + ((long)group * ChunkTokens) + (position - start);
                float* sums = _chunkValues + ((long)group * stride);
                int count = Math.Min(4, Queries - group);
                if (_first[group + count - 1] <= position && _last[group] >= position + KvStorage.BlockTokens - 1)
                {
                    AttentionKernels<TLanes, TElements>.AddValuesOfFour(
                        probabilities, values, stride, 0, KvStorage.BlockTokens, sums, next);
                    continue;
                }

                int commonFrom = 0;
                int commonTo = KvStorage.BlockTokens;
                for (int i = 0; i < count; i++)
                {
                    from[i] = Math.Max(_first[group + i] - position, 0);
                    to[i] = Math.Min(_last[group + i] - position + 1, KvStorage.BlockTokens);
                    commonFrom = Math.Max(commonFrom, from[i]);
                    commonTo = Math.Min(commonTo, to[i]);
                }

                bool common = commonFrom < commonTo;
                for (int i = 0; i < count; i++)
                {
                    AttentionKernels<TLanes, TElements>.AddValues(
                        probabilities + (i * ChunkTokens), values, stride, from[i], common ? commonFrom : to[i], sums + (i * stride));
                }

                if (!common)
                {
                    continue;
                }

                AttentionKernels<TLanes, TElements>.AddValuesOfFour(probabilities, values, stride, commonFrom, commonTo, sums, next);
                for (int i = 0; i < count; i++)
                {
                    AttentionKernels<TLanes, TElements>.AddValues(
                        probabilities + (i * ChunkTokens), values, stride, commonTo, to[i], sums + (i * stride));
                }
            }
        }

        private void Convert(byte* halves, int count, byte* next) => ScaledHalves.Load<TLanes>((ushort*)halves, _block, count, next);
    }
}
