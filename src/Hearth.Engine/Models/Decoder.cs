using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Models;

/// <summary>A network over tokens. Prefill, decode, scoring and embedding are only different batches.</summary>
public sealed class Decoder
{
    /// <summary>Tokens that one step of a causal model takes at most. Models that see both ways take whole sequences.</summary>
    public const int MaxBatchTokens = 512;

    private const int OutputChunk = 16;
    private const int PreparedSteps = 3;
    private readonly Device _device;
    private readonly DecoderDefinition _definition;
    private readonly Scratch _scratch;
    private readonly ScratchSlot _hidden;
    private readonly IReadOnlyList<RopeTable> _ropes;
    private readonly int[] _ropePairs;
    private readonly StepInputs _inputs = new();
    private readonly Tensor _selected;
    private readonly Tensor _logits;

    internal Decoder(Device device, ModelBuilder builder, DecoderDefinition definition)
    {
        _device = device;
        _definition = definition;
        _scratch = builder.Scratch;
        _hidden = builder.Hidden;
        _ropes = builder.Ropes;
        _ropePairs = new int[_ropes.Count];
        for (int table = 0; table < _ropePairs.Length; table++)
        {
            _ropePairs[table] = _ropes[table].Pairs;
        }

        Config = builder.Config;
        CacheLayers = builder.CacheLayers;
        CacheReads = builder.CacheReads;
        StateLength = builder.StateLength;
        _scratch.EnsureRows(device, MaxBatchTokens);
        _selected = device.Allocate(OutputChunk, Config.EmbeddingLength);
        _logits = definition.Head is null ? Tensor.None : device.Allocate(OutputChunk, Config.VocabularySize);
        UseContext(Config.ContextLength);
    }

    /// <summary>What the header says.</summary>
    public ModelConfig Config { get; }

    /// <summary>The layers that a cache must have.</summary>
    public IReadOnlyList<KvLayerShape> CacheLayers { get; }

    /// <summary>Elements of a sequence's recurrent state; 0 for models without recurrent layers.</summary>
    public int StateLength { get; }

    /// <summary>Who reads the cache's layers in a step.</summary>
    internal IReadOnlyList<CacheRead> CacheReads { get; }

    /// <summary>What follows pooling, or null.</summary>
    internal PoolingHead? Pooling => _definition.Pooling;

    /// <summary>Positions that there are, for models with a table of them; null for any number.</summary>
    public int? PositionCount => _definition.PositionCount;

    /// <summary>Whether the model predicts tokens; encoders only embed.</summary>
    public bool HasLogits => _definition.Head is not null;

    /// <summary>Sets the context in force, which chooses between short and long rotary factors (LongRoPE, arXiv:2402.13753).</summary>
    public void UseContext(int contextLength)
    {
        foreach (RopeTable rope in _ropes)
        {
            rope.UseContext(contextLength);
        }
    }

    /// <summary>A cache for this model.</summary>
    /// <param name="blocks">Blocks of <see cref="KvStorage.BlockTokens"/> positions.</param>
    /// <param name="type">How keys and values are kept.</param>
    public KvPool CreateCache(int blocks, KvElementType type) => new(new KvStorage(CacheLayers, blocks, type), StateLength);

    /// <summary>
    /// Runs one step: stores the batch's keys and values, advances its sequences, and writes the logits that it asks for.
    /// </summary>
    /// <param name="batch">The step's tokens, at most <see cref="MaxBatchTokens"/>; their blocks must have been reserved.</param>
    /// <param name="pool">The cache.</param>
    /// <param name="logits">Receives <c>[output rows, vocabulary]</c>, in the batch's order.</param>
    /// <exception cref="ArgumentException">The batch is empty or too large, a token is not in the vocabulary, or the logits have another
    /// size.</exception>
    /// <exception cref="InvalidOperationException">A sequence has too few blocks, or the model has no logits.</exception>
    public void Forward(Batch batch, KvPool pool, Span<float> logits)
    {
        OutputHead head = _definition.Head ?? throw new InvalidOperationException("An encoder has no logits.");
        RunSteps(batch, pool, logits.Length, Config.VocabularySize);
        for (int first = 0; first < _inputs.OutputRowCount; first += OutputChunk)
        {
            int rows = Math.Min(OutputChunk, _inputs.OutputRowCount - first);
            Tensor selected = Select(first, rows);
            head.Run(_device, selected, _logits.Take(rows));
            _device.Read(_logits.Take(rows), logits.Slice(first * Config.VocabularySize, rows * Config.VocabularySize));
        }

        Advance(batch);
    }

    /// <summary>Runs one step and writes the normalised last states of the rows that the batch asks for.</summary>
    /// <param name="batch">The step's tokens; sequences must be whole for models that see both ways.</param>
    /// <param name="pool">The cache.</param>
    /// <param name="states">Receives <c>[output rows, embedding]</c>, in the batch's order.</param>
    /// <exception cref="ArgumentException">The batch is empty or too large, a token is not in the vocabulary, or the states have another
    /// size.</exception>
    /// <exception cref="InvalidOperationException">A sequence has too few blocks.</exception>
    public void Embed(Batch batch, KvPool pool, Span<float> states)
    {
        RunSteps(batch, pool, states.Length, Config.EmbeddingLength);
        for (int first = 0; first < _inputs.OutputRowCount; first += OutputChunk)
        {
            int rows = Math.Min(OutputChunk, _inputs.OutputRowCount - first);
            _device.Read(Select(first, rows), states.Slice(first * Config.EmbeddingLength, rows * Config.EmbeddingLength));
        }

        Advance(batch);
    }

    /// <summary>
    /// Runs a token through the embedding and the first layer, and prepares the device, so that code is compiled and tables are made before
    /// the first prompt comes. The cache is as it was.
    /// </summary>
    internal void Prepare(KvPool pool)
    {
        Sequence sequence = new();
        if (!pool.TryReserve(sequence, 1))
        {
            return;
        }

        Batch batch = new();
        batch.Add(sequence, [0], LogitRows.Last);
        FillInputs(batch);
        _device.Begin(_inputs, pool);
        _device.Prepare();
        Step step = new(_device, _scratch, _hidden, tokens: 1);
        foreach (LayerStep layerStep in _definition.Steps.AsSpan(0, Math.Min(PreparedSteps, _definition.Steps.Length)))
        {
            layerStep.Run(step);
        }

        Select(first: 0, rows: 1);
        pool.Release(sequence);
    }

    /// <summary>The classifier's outputs for a pooled state.</summary>
    internal float[] Rank(ReadOnlySpan<float> pooled) => Pooling!.Rank(_device, _scratch, pooled);

    /// <summary>A pooled state after the dense layers that the model may have.</summary>
    internal float[] Transform(ReadOnlySpan<float> pooled) => Pooling is null ? pooled.ToArray() : Pooling.Transform(_device, _scratch, pooled);

    private void RunSteps(Batch batch, KvPool pool, int outputLength, int outputColumns)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(pool);
        int tokens = batch.TokenCount;
        if (tokens == 0 || (tokens > MaxBatchTokens && Config.Causal))
        {
            throw new ArgumentException($"A batch has 1 to {MaxBatchTokens} tokens, not {tokens}.", nameof(batch));
        }

        if (outputLength != batch.OutputRowCount * outputColumns)
        {
            throw new ArgumentException($"{batch.OutputRowCount} rows of {outputColumns} values do not fit {outputLength}.", nameof(batch));
        }

        FillInputs(batch);
        _scratch.EnsureRows(_device, tokens);
        _device.Begin(_inputs, pool);
        Step step = new(_device, _scratch, _hidden, tokens);
        foreach (LayerStep layerStep in _definition.Steps)
        {
            layerStep.Run(step);
        }
    }

    private Tensor Select(int first, int rows)
    {
        Tensor selected = _selected.Take(rows);
        _device.SelectOutputRows(_scratch.Take(_hidden, _inputs.TokenCount), selected, first);
        if (_definition.OutputNorm is Normalization norm)
        {
            _device.Norm(selected, norm, selected);
        }

        return selected;
    }

    private static void Advance(Batch batch)
    {
        foreach (Batch.Run run in batch.Runs)
        {
            run.Sequence.Advance(run.Count);
        }
    }

    private void FillInputs(Batch batch)
    {
        ReadOnlySpan<Batch.Run> runs = batch.Runs;
        int stride = 0;
        int capacity = 0;
        foreach (Batch.Run run in runs)
        {
            stride = Math.Max(stride, run.Sequence.BlockTable.Length);
            capacity = Math.Max(capacity, run.Sequence.BlockCapacity);
        }

        _inputs.Resize(batch.TokenCount, runs.Length, stride, capacity, batch.OutputRowCount);
        _inputs.ResizeRopes(_ropePairs);
        int outputs = 0;
        for (int sequence = 0; sequence < runs.Length; sequence++)
        {
            Batch.Run run = runs[sequence];
            ReadOnlySpan<int> blocks = run.Sequence.BlockTable;
            if (run.Sequence.Length + run.Count > blocks.Length * KvStorage.BlockTokens)
            {
                throw new InvalidOperationException("The batch's tokens have no reserved place in the cache.");
            }

            blocks.CopyTo(_inputs.BlockTables.AsSpan(sequence * stride));
            _inputs.FirstRows[sequence] = run.FirstRow;
            _inputs.RowCounts[sequence] = run.Count;
            _inputs.SequenceLengths[sequence] = run.Sequence.Length + run.Count;
            _inputs.StateSlots[sequence] = run.Sequence.StateSlot;
            _inputs.AdapterScales[sequence] = run.Sequence.AdapterScales;
            for (int i = 0; i < run.Count; i++)
            {
                FillRow(run.FirstRow + i, batch.Token(run.FirstRow + i), run.Sequence.Length + i, sequence, blocks);
                if (run.Logits == LogitRows.All || (run.Logits == LogitRows.Last && i == run.Count - 1))
                {
                    _inputs.OutputRows[outputs++] = run.FirstRow + i;
                }
            }
        }
    }

    private void FillRow(int row, int token, int position, int sequence, ReadOnlySpan<int> blocks)
    {
        if ((uint)token >= (uint)Config.VocabularySize)
        {
            throw new ArgumentException($"Token {token} is not in the vocabulary of {Config.VocabularySize}.");
        }

        _inputs.Tokens[row] = token;
        _inputs.Positions[row] = position;
        _inputs.RowSequences[row] = sequence;
        _inputs.Slots[row] = (blocks[position / KvStorage.BlockTokens] * KvStorage.BlockTokens) + (position % KvStorage.BlockTokens);
        _inputs.QueryScales[row] = _definition.QueryScale?.Invoke(position) ?? 1;
        for (int table = 0; table < _ropes.Count; table++)
        {
            RopeAngles angles = _inputs.Ropes[table];
            int pairs = angles.Pairs;
            _ropes[table].Write(position, angles.Cosines.Slice(row * pairs, pairs), angles.Sines.Slice(row * pairs, pairs));
        }
    }
}
