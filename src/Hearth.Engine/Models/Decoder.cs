using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Models;

/// <summary>One decoder layer: attention, then a feed-forward network.</summary>
internal sealed record DecoderLayer(AttentionBlock Attention, FeedForwardBlock FeedForward);

/// <summary>The weights that a family composes into a <see cref="Decoder"/>.</summary>
/// <param name="Embedding">Token embeddings <c>[vocabulary, embedding]</c>.</param>
/// <param name="Layers">The layers, first to last.</param>
/// <param name="OutputNorm">The last norm's weight <c>[embedding]</c>.</param>
/// <param name="Output">The head <c>[vocabulary, embedding]</c>; tied models give the embeddings again.</param>
/// <param name="RopeDivisors">Divisors of the rotary frequencies <c>[pairs]</c>, or empty.</param>
internal sealed record DecoderWeights(Tensor Embedding, IReadOnlyList<DecoderLayer> Layers, Tensor OutputNorm, Tensor Output, float[] RopeDivisors);

/// <summary>A decoder-only transformer. Prefill, decode, and scoring are only different batches for <see cref="Forward"/>.</summary>
public sealed class Decoder
{
    /// <summary>Tokens that one step takes at most.</summary>
    public const int MaxBatchTokens = 512;

    private const int OutputChunk = 16;
    private readonly Device _device;
    private readonly DecoderWeights _weights;
    private readonly DecoderScratch _scratch;
    private readonly RopeTable _rope;
    private readonly StepInputs _inputs = new();
    private readonly Tensor _selected;
    private readonly Tensor _logits;

    internal Decoder(Device device, ModelConfig config, DecoderWeights weights)
    {
        _device = device;
        _weights = weights;
        Config = config;
        _rope = new RopeTable(config.Rope, weights.RopeDivisors);
        _scratch = new DecoderScratch(device, config, MaxBatchTokens);
        _selected = device.Allocate(OutputChunk, config.EmbeddingLength);
        _logits = device.Allocate(OutputChunk, config.VocabularySize);
    }

    /// <summary>What the header says.</summary>
    public ModelConfig Config { get; }

    /// <summary>Runs one step: stores the batch's keys and values, advances its sequences, and writes the logits that it asks for.</summary>
    /// <param name="batch">The step's tokens, at most <see cref="MaxBatchTokens"/>; their blocks must have been reserved.</param>
    /// <param name="pool">The cache.</param>
    /// <param name="logits">Receives <c>[output rows, vocabulary]</c>, in the batch's order.</param>
    /// <exception cref="ArgumentException">The batch is empty or too large, a token is not in the vocabulary, or the logits have another size.</exception>
    /// <exception cref="InvalidOperationException">A sequence has too few blocks.</exception>
    public void Forward(Batch batch, KvPool pool, Span<float> logits)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(pool);
        int tokens = batch.TokenCount;
        if (tokens is 0 or > MaxBatchTokens)
        {
            throw new ArgumentException($"A batch has 1 to {MaxBatchTokens} tokens, not {tokens}.", nameof(batch));
        }

        if (logits.Length != batch.OutputRowCount * Config.VocabularySize)
        {
            throw new ArgumentException($"{batch.OutputRowCount} rows of {Config.VocabularySize} logits do not fit {logits.Length} values.", nameof(logits));
        }

        FillInputs(batch);
        _device.Begin(_inputs, pool);
        _device.EmbedTokens(_weights.Embedding, _scratch.Hidden.Take(tokens));
        foreach (DecoderLayer layer in _weights.Layers)
        {
            layer.Attention.Run(_device, _scratch, tokens);
            layer.FeedForward.Run(_device, _scratch, tokens);
        }

        WriteLogits(logits);
        foreach (Batch.Run run in batch.Runs)
        {
            run.Sequence.Advance(run.Count);
        }
    }

    private void WriteLogits(Span<float> logits)
    {
        for (int first = 0; first < _inputs.OutputRowCount; first += OutputChunk)
        {
            int rows = Math.Min(OutputChunk, _inputs.OutputRowCount - first);
            Tensor selected = _selected.Take(rows);
            _device.SelectOutputRows(_scratch.Hidden, selected, first);
            _device.RmsNorm(selected, _weights.OutputNorm, Config.NormEpsilon, selected);
            _device.MatMul(selected, [new(_weights.Output, Tensor.None, _logits.Take(rows))]);
            _device.Read(_logits.Take(rows), logits.Slice(first * Config.VocabularySize, rows * Config.VocabularySize));
        }
    }

    private void FillInputs(Batch batch)
    {
        int stride = batch.Runs.Max(run => run.Sequence.Blocks.Count);
        _inputs.Resize(batch.TokenCount, batch.Runs.Count, stride, _rope.Pairs, batch.OutputRowCount);
        int outputs = 0;
        for (int sequence = 0; sequence < batch.Runs.Count; sequence++)
        {
            Batch.Run run = batch.Runs[sequence];
            IReadOnlyList<int> blocks = run.Sequence.Blocks;
            if (run.Sequence.Length + run.Count > blocks.Count * KvStorage.BlockTokens)
            {
                throw new InvalidOperationException("The batch's tokens have no reserved place in the cache.");
            }

            for (int block = 0; block < blocks.Count; block++)
            {
                _inputs.BlockTables[(sequence * stride) + block] = blocks[block];
            }

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

    private void FillRow(int row, int token, int position, int sequence, IReadOnlyList<int> blocks)
    {
        if ((uint)token >= (uint)Config.VocabularySize)
        {
            throw new ArgumentException($"Token {token} is not in the vocabulary of {Config.VocabularySize}.");
        }

        _inputs.Tokens[row] = token;
        _inputs.Positions[row] = position;
        _inputs.RowSequences[row] = sequence;
        _inputs.Slots[row] = (blocks[position / KvStorage.BlockTokens] * KvStorage.BlockTokens) + (position % KvStorage.BlockTokens);
        _inputs.QueryScales[row] = QueryScale(position);
        _rope.Write(position, _inputs.Cosines.AsSpan(row * _rope.Pairs, _rope.Pairs), _inputs.Sines.AsSpan(row * _rope.Pairs, _rope.Pairs));
    }

    private float QueryScale(int position) => Config.QueryTemperatureScale == 0
        ? 1
        : (float)(1 + (Config.QueryTemperatureScale * Math.Log(1 + (position / Config.Rope.OriginalContextLength))));
}
