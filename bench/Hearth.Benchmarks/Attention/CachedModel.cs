using System.Diagnostics;
using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Kernels.Attention;
using Hearth.Kernels.Threading;

namespace Hearth.Benchmarks.Attention;

/// <summary>One model with a cache of each type, full of random keys and values: what attention costs does not depend on them.</summary>
internal sealed class CachedModel : IDisposable
{
    private readonly GgufFile _file;
    private readonly CpuDevice _device;
    private readonly Decoder _decoder;
    private readonly float[] _logits;
    private readonly Batch _batch = new();
    private readonly Random _random = new(1);
    private readonly Dictionary<KvElementType, KvPool> _pools = [];

    public CachedModel(string path, int threads)
    {
        _file = GgufFile.Open(path);
        _device = new CpuDevice(threads);
        _decoder = ModelFamily.Load(_file, _device);
        _logits = new float[_decoder.Config.VocabularySize];
    }

    public int Threads => _device.Threads;

    /// <summary>Makes a cache of every type, with keys and values in all its positions.</summary>
    public void Fill(IEnumerable<KvElementType> types, int positions)
    {
        int blocks = (positions + KvStorage.BlockTokens - 1) / KvStorage.BlockTokens;
        using ComputePool workers = new(_device.Threads);
        foreach (KvElementType type in types)
        {
            KvPool pool = _decoder.CreateCache(blocks, type);
            _pools.Add(type, pool);
            for (int layer = 0; layer < pool.Storage.Layers; layer++)
            {
                KvLayerShape shape = pool.Storage.Layer(layer);
                float[] keys = Noise(KvStorage.BlockTokens * shape.KeyValueHeads * shape.KeySize);
                float[] values = Noise(KvStorage.BlockTokens * shape.KeyValueHeads * shape.ValueSize);
                for (int block = 0; block < blocks; block++)
                {
                    int[] slots = [.. Enumerable.Range(block * KvStorage.BlockTokens, KvStorage.BlockTokens)];
                    KvStoreOp.Run(workers, pool.Storage, layer, keys, values, slots);
                }
            }
        }
    }

    /// <summary>Steps of <paramref name="batchTokens"/> tokens of one sequence from a depth on; returns tokens per second.</summary>
    public double Measure(KvElementType type, int depth, int tokens, int batchTokens)
    {
        int[] ids = [.. Enumerable.Range(0, tokens).Select(_ => _random.Next(_decoder.Config.VocabularySize))];
        KvPool pool = _pools[type];
        Sequence sequence = new();
        if (!pool.TryReserve(sequence, depth + tokens))
        {
            throw new InvalidOperationException($"The cache of {pool.Capacity} positions cannot hold {depth + tokens} tokens.");
        }

        sequence.Advance(depth);
        long started = Stopwatch.GetTimestamp();
        for (int at = 0; at < tokens; at += batchTokens)
        {
            _batch.Clear();
            _batch.Add(sequence, ids.AsSpan(at, Math.Min(batchTokens, tokens - at)), LogitRows.Last);
            _decoder.Forward(_batch, pool, _logits);
        }

        double rate = tokens / Stopwatch.GetElapsedTime(started).TotalSeconds;
        pool.Release(sequence);
        return rate;
    }

    public void Dispose()
    {
        foreach (KvPool pool in _pools.Values)
        {
            pool.Dispose();
        }

        _device.Dispose();
        _file.Dispose();
    }

    private float[] Noise(int count) => [.. Enumerable.Range(0, count).Select(_ => (_random.NextSingle() * 2f) - 1f)];
}
