using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
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
    private const int RowsPerStep = 64;
    private readonly GgufFile _file;
    private readonly CpuDevice _device;
    private readonly Decoder _decoder;
    private readonly KvElementType _cacheType;

    private LogitScorer(GgufFile file, CpuDevice device, Decoder decoder, KvElementType cacheType)
    {
        _file = file;
        _device = device;
        _decoder = decoder;
        _cacheType = cacheType;
    }

    /// <summary>What the header says.</summary>
    public ModelConfig Config => _decoder.Config;

    /// <summary>Loads a model.</summary>
    /// <exception cref="GgufException">The file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="ModelException">The file is sound, but Hearth cannot run it.</exception>
    public static LogitScorer Load(string path, LanguageModelOptions? options = null)
    {
        options ??= new LanguageModelOptions();
        GgufFile file = GgufFile.Open(path);
        CpuDevice device = new(options.Threads);
        try
        {
            return new LogitScorer(file, device, ModelFamily.Load(file, device), options.CacheType);
        }
        catch
        {
            device.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Scores one sequence from position 0 on; <paramref name="receive"/> gets one row per token, in order.</summary>
    /// <exception cref="ArgumentException">A token is not in the vocabulary.</exception>
    public void Score(ReadOnlySpan<int> tokens, LogitRowReceiver receive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(receive);
        int blocks = Math.Max(1, (tokens.Length + KvStorage.BlockTokens - 1) / KvStorage.BlockTokens);
        KvLayerShape layer = new(Config.KeyValueHeadCount, Config.KeyLength, Config.ValueLength);
        using KvPool pool = new(new KvStorage([.. Enumerable.Repeat(layer, Config.LayerCount)], blocks, _cacheType));
        Sequence sequence = new();
        Batch batch = new();
        pool.TryReserve(sequence, tokens.Length);
        float[] logits = new float[RowsPerStep * Config.VocabularySize];
        for (int first = 0; first < tokens.Length; first += RowsPerStep)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(RowsPerStep, tokens.Length - first);
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
    public void Dispose()
    {
        _device.Dispose();
        _file.Dispose();
    }
}
