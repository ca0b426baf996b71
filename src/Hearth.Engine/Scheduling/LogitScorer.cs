using Hearth.Engine.Adapters;
using Hearth.Engine.Cache;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Scheduling;

/// <summary>Receives one row of logits.</summary>
/// <param name="logits">The logits, <c>[vocabulary]</c>.</param>
public delegate void LogitRowReceiver(ReadOnlySpan<float> logits);

/// <summary>Runs a network over given tokens and hands out its logits. It needs no vocabulary.</summary>
public sealed class LogitScorer : IDisposable
{
    /// <summary>The context in force unless there are more tokens; it chooses between short and long rotary factors.</summary>
    public const int DefaultContextLength = 512;

    private const int RowsPerStep = 64;
    private readonly OpenedModel _opened;
    private readonly Decoder _decoder;
    private readonly KvElementType _cacheType;
    private readonly int _contextLength;

    private LogitScorer(OpenedModel opened, LanguageModelOptions options)
    {
        _opened = opened;
        _decoder = opened.Decoder;
        _cacheType = options.CacheType;
        _contextLength = options.ContextLength ?? DefaultContextLength;
    }

    /// <summary>What the header says.</summary>
    public ModelConfig Config => _decoder.Config;

    /// <summary>Loads a model.</summary>
    /// <exception cref="GgufException">The file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="ModelException">The file is sound, but Hearth cannot run it, or it is an encoder without logits.</exception>
    /// <exception cref="LoraException">An adapter is not one for this model.</exception>
    public static LogitScorer Load(string path, LanguageModelOptions? options = null)
    {
        options ??= new LanguageModelOptions();
        return OpenedModel.Open(path, options, readVocabulary: false).Become(opened => opened.Decoder.HasLogits
            ? new LogitScorer(opened, options)
            : throw ModelException.NoLogits(opened.Decoder.Config.Architecture));
    }

    /// <summary>Scores one sequence from position 0 on; <paramref name="receive"/> gets one row per token, in order.</summary>
    /// <exception cref="ArgumentException">A token is not in the vocabulary.</exception>
    public void Score(ReadOnlySpan<int> tokens, LogitRowReceiver receive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(receive);
        int blocks = Math.Max(1, (tokens.Length + KvStorage.BlockTokens - 1) / KvStorage.BlockTokens);
        _decoder.UseContext(Math.Max(_contextLength, tokens.Length));
        using KvPool pool = _decoder.CreateCache(blocks, _cacheType);
        Sequence sequence = new() { AdapterScales = _opened.Adapters.Scales(null) };
        Batch batch = new();
        pool.TryReserve(sequence, tokens.Length);

        // What sees both ways must see the whole sequence at once.
        int rowsPerStep = Config.Causal ? RowsPerStep : Math.Max(1, tokens.Length);
        float[] logits = new float[rowsPerStep * Config.VocabularySize];
        for (int first = 0; first < tokens.Length; first += rowsPerStep)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(rowsPerStep, tokens.Length - first);
            batch.Clear();
            batch.Add(sequence, tokens.Slice(first, count), LogitRows.All);
            _decoder.Forward(batch, pool, logits.AsSpan(0, count * Config.VocabularySize));
            for (int row = 0; row < count; row++)
            {
                receive(logits.AsSpan(row * Config.VocabularySize, Config.VocabularySize));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _opened.Dispose();
}
