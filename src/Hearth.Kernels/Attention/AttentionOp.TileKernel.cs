using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

public static unsafe partial class AttentionOp
{
    /// <summary>The queries of one tile and one slice. Query m is row m / heads, head m % heads of the slice.</summary>
    private readonly ref partial struct TileKernel<TLanes>
        where TLanes : struct, ILanes<TLanes>
    {
        /// <summary>
        /// Dimensions of keys, or of values, that many queries take together: what they share then stays in the first cache. It does not
        /// change the order of operations.
        /// </summary>
        private const int PanelSize = 128;

        private readonly ref readonly Shape _shape;
        private readonly int _row;
        private readonly int _head;             // key and value head
        private readonly int _firstHead;        // first query head of the slice
        private readonly int _heads;            // query heads of the slice
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
        private readonly float* _block;         // a panel of a block's keys or values as floats
        private readonly float* _offsets;       // [ChunkTokens]: 0, 1, ...; only with slopes
        private readonly int* _first;           // [padded]: first position seen
        private readonly int* _last;            // [padded]: last position seen

        internal TileKernel(in Shape shape, int row, int rows, int slice)
        {
            _shape = ref shape;
            _row = row;
            (_head, int part) = Math.DivRem(slice, shape.Parts);
            _firstHead = (_head * shape.Group) + (part * shape.PartHeads);
            _heads = Math.Min(shape.PartHeads, shape.Group - (part * shape.PartHeads));
            Queries = rows * _heads;
            _padded = (Queries + 3) & ~3;
            _convert = shape.Memory.Type == KvElementType.F16 && Queries > 4;
            _table = shape.Tables + ((long)shape.Sequences[row] * shape.TableStride);

            long queries = Align((long)_padded * shape.KeySize);
            long scores = (long)_padded * ChunkTokens;
            long values = (long)_padded * shape.ValueStride;
            long perQuery = Align(_padded);
            long block = (long)KvStorage.BlockTokens * PanelSize;
            _queries = Scratch.Rent(ScratchUse.Worker, queries + scores + (2 * values) + (6 * perQuery) + block + (3 * ChunkTokens));
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
            _offsets = _valueFactors + ChunkTokens;
            LoadQueries();
            FillFactors();
        }

        /// <summary>Queries of the tile for this slice.</summary>
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
                float factor = OutputFactor(_shape, Head(m), _max[m], _sum[m]);
                TLanes factors = TLanes.Create(factor);
                float* output = _shape.Output + (HeadIndex(m) * size);
                int i = 0;
                for (; i <= size - 16; i += 16)
                {
                    TLanes.Store(output + i, TLanes.Multiply(TLanes.Load(values + i), factors));
                }

                for (; i < size; i++)
                {
                    output[i] = values[i] * factor;
                }
            }
        }

        private static long Align(long floats) => (floats + 15) & ~15L;

        private int Row(int m) => _row + (m / _heads);

        private int Head(int m) => _firstHead + (m % _heads);

        private long HeadIndex(int m) => ((long)Row(m) * _shape.Heads) + Head(m);

        private void LoadQueries()
        {
            int size = _shape.KeySize;
            new Span<float>(_queries, _padded * size).Clear();
            new Span<float>(_scores, _padded * ChunkTokens).Clear();
            int m = 0;
            for (int row = _row; m < Queries; row++)
            {
                (int first, int last) = (_shape.First(row), _shape.Last(row));
                float* source = _shape.Queries + ((((long)row * _shape.Heads) + _firstHead) * size);
                for (int end = m + _heads; m < end; m++, source += size)
                {
                    float* destination = _queries + ((long)m * size);
                    for (int d = 0; d < size; d++)
                    {
                        destination[d] = source[d] * _shape.QueryFactor;
                    }

                    (_first[m], _last[m], _sum[m]) = (first, last, 0f);
                }
            }
        }

        private byte* Keys(int block) => _shape.Memory.Keys(_table[block], _head);

        private byte* Values(int block) => _shape.Memory.Values(_table[block], _head);

        private void ScoreBlock(int block, int start, byte* next)
        {
            byte* keys = Keys(block);
            if (_shape.Memory.Type == KvElementType.F16)
            {
                LoadFactors(block, start);
            }

            int position = block * KvStorage.BlockTokens;
            if (_shape.Memory.Type == KvElementType.F16 && !_convert)
            {
                ScorePanel<HalfElements>(keys, 0, _shape.KeySize, position, start, next);
                return;
            }

            for (int d = 0; d < _shape.KeySize; d += PanelSize)
            {
                int count = Math.Min(PanelSize, _shape.KeySize - d);
                long offset = (long)d * KvStorage.BlockTokens * (_convert ? sizeof(ushort) : sizeof(float));
                byte* panel = keys + offset;
                if (_convert)
                {
                    ScaledHalves.Load<TLanes>((ushort*)panel, _block, count * KvStorage.BlockTokens, next + offset);
                    panel = (byte*)_block;
                }

                ScorePanel<SingleElements>(panel, d, count, position, start, next);
            }
        }

        private void ScorePanel<TElements>(byte* keys, int dimension, int count, int position, int start, byte* next)
            where TElements : struct, IKvElements
        {
            for (int m = 0; m < Queries; m += 4)
            {
                if (_last[Math.Min(m + 3, Queries - 1)] < position || _first[m] >= position + KvStorage.BlockTokens)
                {
                    continue;
                }

                float* queries = _queries + ((long)m * _shape.KeySize) + dimension;
                float* scores = _scores + ((long)m * ChunkTokens) + (position - start);
                AttentionKernels<TLanes, TElements>.AddScores(queries, _shape.KeySize, count, keys, dimension == 0, scores, next);
            }
        }

        private void AddBlock(int block, int start, byte* next)
        {
            byte* values = Values(block);
            int stride = _shape.ValueStride;
            int position = block * KvStorage.BlockTokens;
            if (!_convert)
            {
                if (_shape.Memory.Type == KvElementType.F16)
                {
                    AddPanel<HalfElements>(values, 0, stride, position, start, next);
                }
                else
                {
                    AddPanel<SingleElements>(values, 0, stride, position, start, next);
                }

                return;
            }

            for (int d = 0; d < stride; d += PanelSize)
            {
                int count = Math.Min(PanelSize, stride - d);
                if (count == stride)
                {
                    ScaledHalves.Load<TLanes>((ushort*)values, _block, count * KvStorage.BlockTokens, next);
                }
                else
                {
                    LoadPanel((ushort*)values + d, count, next + (d * sizeof(ushort)));
                }

                AddPanel<SingleElements>((byte*)_block, d, count, position, start, next);
            }
        }

        /// <summary>Some dimensions of a block's values as floats, close together.</summary>
        private void LoadPanel(ushort* values, int count, byte* next)
        {
            int stride = _shape.ValueStride;
            float* destination = _block;
            for (int j = 0; j < KvStorage.BlockTokens; j++, values += stride, next += stride * sizeof(ushort), destination += count)
            {
                for (int i = 0; i < count; i += 16)
                {
                    Prefetch.Line(next + (i * sizeof(ushort)));
                    TLanes.Store(destination + i, TLanes.LoadScaledHalf(values + i));
                }
            }
        }

        /// <summary>
        /// Four queries at a time where all four see a position. What only some of them see comes before and after, query by query: a
        /// masked position must not even add zero times its value, which might be infinite.
        /// </summary>
        private void AddPanel<TElements>(byte* values, int dimension, int width, int position, int start, byte* next)
            where TElements : struct, IKvElements
        {
            int stride = _shape.ValueStride;
            int* from = stackalloc int[4];
            int* to = stackalloc int[4];
            for (int group = 0; group < Queries; group += 4)
            {
                float* probabilities = _scores + ((long)group * ChunkTokens) + (position - start);
                float* sums = _chunkValues + ((long)group * stride) + dimension;
                int count = Math.Min(4, Queries - group);
                if (_first[group + count - 1] <= position && _last[group] >= position + KvStorage.BlockTokens - 1)
                {
                    AttentionKernels<TLanes, TElements>.AddValuesOfFour(
                        probabilities, values, width, 0, KvStorage.BlockTokens, sums, stride, next);
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
                        probabilities + (i * ChunkTokens), values, width, from[i], common ? commonFrom : to[i], sums + (i * stride));
                }

                if (!common)
                {
                    continue;
                }

                AttentionKernels<TLanes, TElements>.AddValuesOfFour(
                    probabilities, values, width, commonFrom, commonTo, sums, stride, next);
                for (int i = 0; i < count; i++)
                {
                    AttentionKernels<TLanes, TElements>.AddValues(
                        probabilities + (i * ChunkTokens), values, width, commonTo, to[i], sums + (i * stride));
                }
            }
        }
    }
}
