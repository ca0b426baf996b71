using Hearth.Kernels.Attention;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Attention;

/// <summary>Sequences with random keys, values and queries, and their attention computed in double precision.</summary>
internal sealed class AttentionCase : IDisposable
{
    private readonly int[] _lengths;
    private readonly float[][] _keys;
    private readonly float[][] _values;
    private readonly float[][] _queries;
    private readonly float[][] _storedKeys;
    private readonly float[][] _storedValues;
    private readonly int[] _tables;

    internal AttentionCase(
        int heads,
        int keyValueHeads,
        int keySize,
        int valueSize,
        int[] lengths,
        KvElementType type = KvElementType.F16,
        bool shuffled = true)
    {
        (Heads, KeyValueHeads, KeySize, ValueSize, _lengths) = (heads, keyValueHeads, keySize, valueSize, lengths);
        Stride = (lengths.Max() / KvStorage.BlockTokens) + 1;
        int blocks = Stride * lengths.Length;
        _tables = [.. Enumerable.Range(0, blocks)];
        if (shuffled)
        {
            new Random(7).Shuffle(_tables);
        }

        Storage = new KvStorage([new KvLayerShape(1, 3, 50), new KvLayerShape(keyValueHeads, keySize, valueSize)], blocks, type);
        _keys = [.. lengths.Select((length, i) => OperationData.Random(10 + i, length * keyValueHeads * keySize))];
        _values = [.. lengths.Select((length, i) => OperationData.Random(20 + i, length * keyValueHeads * valueSize))];
        _storedKeys = [.. _keys.Select(keys => KvRounding.Rounded(keys, keySize, type))];
        _storedValues = [.. _values.Select(values => KvRounding.Rounded(values, valueSize, type))];
        _queries = [.. lengths.Select((length, i) => OperationData.Random(30 + i, length * heads * keySize, 3f))];
    }

    internal int Heads { get; }

    internal int KeyValueHeads { get; }

    internal int KeySize { get; }

    internal int ValueSize { get; }

    internal int Stride { get; }

    internal KvStorage Storage { get; }

    internal int Window { get; init; }

    internal float SoftCap { get; init; }

    internal float Scale { get; init; } = 0.3f;

    internal AttentionMask Mask { get; init; }

    internal float[] Slopes { get; init; } = [];

    internal float[] Sinks { get; init; } = [];

    public void Dispose() => Storage.Dispose();

    /// <summary>Stores positions [from, to) of a sequence.</summary>
    internal void Store(ComputePool pool, int sequence, int from, int to, InstructionSetLevel? level = null)
    {
        int keyWidth = KeyValueHeads * KeySize;
        int valueWidth = KeyValueHeads * ValueSize;
        int[] slots = [.. Enumerable.Range(from, to - from).Select(position => Slot(sequence, position))];
        KvStoreOp.Run(
            level ?? InstructionSets.Level,
            pool,
            Storage,
            1,
            _keys[sequence].AsSpan(from * keyWidth, (to - from) * keyWidth),
            _values[sequence].AsSpan(from * valueWidth, (to - from) * valueWidth),
            slots);
    }

    internal void StoreAll(ComputePool pool)
    {
        for (int sequence = 0; sequence < _lengths.Length; sequence++)
        {
            Store(pool, sequence, 0, _lengths[sequence]);
        }
    }

    internal int Slot(int sequence, int position) =>
        (_tables[(sequence * Stride) + (position / KvStorage.BlockTokens)] * KvStorage.BlockTokens) + (position % KvStorage.BlockTokens);

    /// <summary>The attention of some rows, [rows, heads, valueSize].</summary>
    internal float[] Run(ComputePool pool, InstructionSetLevel level, params (int Sequence, int Position)[] rows)
    {
        float[] output = new float[rows.Length * Heads * ValueSize];
        output.AsSpan().Fill(float.NaN);
        AttentionOp.Run(level, pool, Arguments(rows, output));
        return output;
    }

    internal AttentionArguments Arguments((int Sequence, int Position)[] rows, float[] output)
    {
        int width = Heads * KeySize;
        return new AttentionArguments
        {
            Queries = rows.SelectMany(row => _queries[row.Sequence].Skip(row.Position * width).Take(width)).ToArray(),
            Output = output,
            Storage = Storage,
            Layer = 1,
            Heads = Heads,
            BlockTables = _tables,
            BlockTableStride = Stride,
            RowSequences = rows.Select(row => row.Sequence).ToArray(),
            RowPositions = rows.Select(row => row.Position).ToArray(),
            Window = Window,
            Scale = Scale,
            SoftCap = SoftCap,
            Mask = Mask,
            SequenceLengths = _lengths,
            AlibiSlopes = Slopes,
            Sinks = Sinks,
        };
    }

    internal static (int Sequence, int Position)[] Rows(int sequence, int from, int to) =>
        [.. Enumerable.Range(from, to - from).Select(position => (sequence, position))];

    /// <summary>One row in double precision, from keys and values rounded as the storage rounds them.</summary>
    internal double[] Expected(int sequence, int position)
    {
        double[] output = new double[Heads * ValueSize];
        int[] seen = [.. Enumerable.Range(0, _lengths[sequence]).Where(key => Sees(position, key))];
        for (int head = 0; head < Heads; head++)
        {
            int keyHead = head / (Heads / KeyValueHeads);
            double[] scores = new double[seen.Length];
            for (int i = 0; i < scores.Length; i++)
            {
                for (int d = 0; d < KeySize; d++)
                {
                    double query = _queries[sequence][(((position * Heads) + head) * KeySize) + d];
                    scores[i] += query * _storedKeys[sequence][(((seen[i] * KeyValueHeads) + keyHead) * KeySize) + d] * Scale;
                }

                scores[i] = SoftCap == 0 ? scores[i] : SoftCap * Math.Tanh(scores[i] / SoftCap);
                scores[i] -= Slopes.Length == 0 ? 0 : (double)Slopes[head] * Math.Abs(position - seen[i]);
            }

            double most = Sinks.Length == 0 ? scores.Max() : Math.Max(scores.Max(), Sinks[head]);
            double sum = scores.Sum(score => Math.Exp(score - most)) + (Sinks.Length == 0 ? 0 : Math.Exp(Sinks[head] - most));
            for (int i = 0; i < scores.Length; i++)
            {
                for (int d = 0; d < ValueSize; d++)
                {
                    double value = _storedValues[sequence][(((seen[i] * KeyValueHeads) + keyHead) * ValueSize) + d];
                    output[(head * ValueSize) + d] += Math.Exp(scores[i] - most) / sum * value;
                }
            }
        }

        return output;
    }

    private bool Sees(int position, int key) => Mask switch
    {
        AttentionMask.Chunked => key <= position && key / Window == position / Window,
        AttentionMask.Bidirectional => Window == 0 || Math.Abs(position - key) <= Window / 2,
        _ => key <= position && (Window == 0 || position - key < Window),
    };
}
