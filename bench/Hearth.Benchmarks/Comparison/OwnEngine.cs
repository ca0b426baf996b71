using System.Diagnostics;
using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Kernels.Attention;

namespace Hearth.Benchmarks.Comparison;

/// <summary>Measures Hearth as llama-bench measures llama.cpp: the decoder alone, with random tokens, neither sampling nor text.</summary>
internal sealed class OwnEngine : IDisposable
{
    private readonly GgufFile _file;
    private readonly CpuDevice _device;
    private readonly Decoder _decoder;
    private readonly KvPool _cache;
    private readonly float[] _logits;
    private readonly Batch _batch = new();
    private readonly Random _random = new(1);

    public OwnEngine(string path, int threads, int contextLength)
    {
        _file = GgufFile.Open(path);
        _device = new CpuDevice(threads);
        _decoder = ModelFamily.Load(_file, _device);
        ModelConfig config = _decoder.Config;
        int blocks = (contextLength + KvStorage.BlockTokens - 1) / KvStorage.BlockTokens;

        _cache = _decoder.CreateCache(blocks, KvElementType.F16);
        _logits = new float[config.VocabularySize];
    }

    public int Threads => _device.Threads;

    /// <summary>One measurement: a prompt from an empty cache, then tokens one by one from an empty cache.</summary>
    public Rates Measure(int promptTokens, int generatedTokens, CancellationToken cancellationToken) =>
        new(Run(promptTokens, Decoder.MaxBatchTokens, cancellationToken), Run(generatedTokens, 1, cancellationToken));

    public void Dispose()
    {
        _cache.Dispose();
        _device.Dispose();
        _file.Dispose();
    }

    private double Run(int tokens, int batchTokens, CancellationToken cancellationToken)
    {
        int[] ids = [.. Enumerable.Range(0, tokens).Select(_ => _random.Next(_decoder.Config.VocabularySize))];
        Sequence sequence = new();
        if (!_cache.TryReserve(sequence, tokens))
        {
            throw new InvalidOperationException($"The cache of {_cache.Capacity} positions cannot hold {tokens} tokens.");
        }

        long started = Stopwatch.GetTimestamp();
        for (int at = 0; at < tokens; at += batchTokens)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(batchTokens, tokens - at);
            LogitRows rows = at + count == tokens || batchTokens == 1 ? LogitRows.Last : LogitRows.None;
            _batch.Clear();
            _batch.Add(sequence, ids.AsSpan(at, count), rows);
            _decoder.Forward(_batch, _cache, rows == LogitRows.Last ? _logits : []);
        }

        double rate = tokens / Stopwatch.GetElapsedTime(started).TotalSeconds;
        _cache.Release(sequence);
        return rate;
    }
}
