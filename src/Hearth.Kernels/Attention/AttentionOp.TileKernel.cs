using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

public static unsafe partial class AttentionOp
{
    /// <summary>The queries of one tile and one slice. Query m is row m / heads, head m % heads of the slice.</summary>
    private readonly ref partial struct TileKernel<TLanes, TElements>
        where TLanes : struct, ILanes<TLanes>
        where TElements : struct, IKvElements
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
        private readonly float* _scales;        // [dimensions / 32, BlockTokens]: the block's, of elements scaled in groups
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
            _padded = (Queries + GroupQueries - 1) & -GroupQueries;
            _convert = TElements.Size < sizeof(float) && Queries > GroupQueries;
            _table = shape.Tables + ((long)shape.Sequences[row] * shape.TableStride);

            long queries = Align((long)_padded * shape.KeySize);
            long scores = (long)_padded * ChunkTokens;
            long values = (long)_padded * shape.ValueStride;
            long perQuery = Align(_padded);
            long block = (long)KvStorage.BlockTokens * PanelSize;
            long scales = Align(Math.Max(shape.KeySize, shape.ValueStride) + KvElementLayout.ScaleGroup);
            _queries = Scratch.Rent(
                ScratchUse.Worker, queries + scores + (2 * values) + (6 * perQuery) + block + scales + (3 * ChunkTokens));
            _scores = _queries + queries;
            _values = _scores + scores;
            _chunkValues = _values + values;
            _block = _chunkValues + values;
            _scales = _block + block;
            _max = _scales + scales;
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

        /// <summary>Queries that the inner loops take at once.</summary>
        private static int GroupQueries => ScoreKernels<TLanes, TElements>.GroupQueries;

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
                Softmax(m, start, Values(Math.Min(from + 1, to)));
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
            LoadFactors(block, start);
            LoadScales(_shape.Memory.KeyScales(_table[block], _head), _shape.KeySize, next);
            int position = block * KvStorage.BlockTokens;
            if (!_convert)
            {
                ScorePanel<TElements>(keys, 0, _shape.KeySize, position, start, next);
                return;
            }

            for (int d = 0; d < _shape.KeySize; d += PanelSize)
            {
                int count = Math.Min(PanelSize, _shape.KeySize - d);
                long offset = (long)d * KvStorage.BlockTokens * TElements.Size;
                LoadKeys(keys + offset, count, _scales + d, next + offset);
                ScorePanel<SingleElements>((byte*)_block, d, count, position, start, next);
            }
        }

        private void ScorePanel<TPanel>(byte* keys, int dimension, int count, int position, int start, byte* next)
            where TPanel : struct, IKvElements
        {
            for (int m = 0; m < Queries; m += GroupQueries)
            {
                int group = Math.Min(GroupQueries, Queries - m);
                if (_last[m + group - 1] < position || _first[m] >= position + KvStorage.BlockTokens)
                {
                    continue;
                }

                float* queries = _queries + ((long)m * _shape.KeySize) + dimension;
                float* scores = _scores + ((long)m * ChunkTokens) + (position - start);
                ScoreKernels<TLanes, TPanel>.Add(
                    group, queries, _shape.KeySize, count, keys, _scales, dimension == 0, scores, next);
            }
        }

        private void AddBlock(int block, int start, byte* next)
        {
            byte* values = Values(block);
            int stride = _shape.ValueStride;
            int position = block * KvStorage.BlockTokens;
            LoadScales(_shape.Memory.ValueScales(_table[block], _head), stride, next);
            if (!_convert)
            {
                AddPanel<TElements>(values, 0, stride, position, start, next);
                return;
            }

            for (int d = 0; d < stride; d += PanelSize)
            {
                int count = Math.Min(PanelSize, stride - d);
                int offset = d * TElements.Size;
                LoadValues(values + offset, count, _scales + d, next + offset);
                AddPanel<SingleElements>((byte*)_block, d, count, position, start, next);
            }
        }

        /// <summary>
        /// Many queries at a time where all of them see a position. What only some of them see comes before and after, query by query: a
        /// masked position must not even add zero times its value, which might be infinite.
        /// </summary>
        private void AddPanel<TPanel>(byte* values, int dimension, int width, int position, int start, byte* next)
            where TPanel : struct, IKvElements
        {
            int stride = _shape.ValueStride;
            int* from = stackalloc int[EightQueries.Value];
            int* to = stackalloc int[EightQueries.Value];
            for (int first = 0; first < Queries; first += GroupQueries)
            {
                float* probabilities = _scores + ((long)first * ChunkTokens) + (position - start);
                float* sums = _chunkValues + ((long)first * stride) + dimension;
                int group = Math.Min(GroupQueries, Queries - first);
                if (_first[first + group - 1] <= position && _last[first] >= position + KvStorage.BlockTokens - 1)
                {
                    ValueKernels<TLanes, TPanel>.Add(
                        group, probabilities, values, width, _scales, 0, KvStorage.BlockTokens, sums, stride, next);
                    continue;
                }

                int commonFrom = 0;
                int commonTo = KvStorage.BlockTokens;
                for (int i = 0; i < group; i++)
                {
                    from[i] = Math.Max(_first[first + i] - position, 0);
                    to[i] = Math.Min(_last[first + i] - position + 1, KvStorage.BlockTokens);
                    commonFrom = Math.Max(commonFrom, from[i]);
                    commonTo = Math.Min(commonTo, to[i]);
                }

                bool common = commonFrom < commonTo;
                for (int i = 0; i < group; i++)
                {
                    int end = common ? commonFrom : to[i];
                    ValueKernels<TLanes, TPanel>.AddOne(
                        probabilities + (i * ChunkTokens), values, width, _scales, from[i], end, sums + (i * stride));
                }

                if (!common)
                {
                    continue;
                }

                ValueKernels<TLanes, TPanel>.Add(
                    group, probabilities, values, width, _scales, commonFrom, commonTo, sums, stride, next);
                for (int i = 0; i < group; i++)
                {
                    ValueKernels<TLanes, TPanel>.AddOne(
                        probabilities + (i * ChunkTokens), values, width, _scales, commonTo, to[i], sums + (i * stride));
                }
            }
        }
    }
}
