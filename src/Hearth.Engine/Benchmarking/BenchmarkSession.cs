using System.Diagnostics;
using Hearth.Engine.Cache;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Kernels.Threading;

namespace Hearth.Engine.Benchmarking;

/// <summary>
/// Measures a model as llama-bench does: the decoder alone, with random tokens, without text. One thread at a time may use it.
/// </summary>
public sealed class BenchmarkSession : IDisposable
{
    private readonly OpenedModel _opened;
    private readonly KvPool _cache;
    private readonly DecodeTraffic _traffic;
    private readonly Sampler _sampler;
    private readonly float[] _logits;
    private readonly Batch _batch = new();
    private readonly Sequence _sequence = new();
    private readonly Random _random = new(1);

    private BenchmarkSession(OpenedModel opened, long positions, LanguageModelOptions options)
    {
        opened.RequireGeneration();
        _opened = opened;
        Model = BenchmarkModel.Describe(opened.File);
        int vocabulary = Decoder.Config.VocabularySize;
        _traffic = new DecodeTraffic(opened.File.Tensors, Decoder, options.CacheType);
        _sampler = new Sampler(new SamplingOptions(), vocabulary);
        _logits = new float[vocabulary];
        _cache = ContextMemory.Create(Decoder, (int)Math.Min(positions, int.MaxValue), positions, options.CacheType);
    }

    /// <summary>What is measured.</summary>
    public BenchmarkModel Model { get; }

    /// <summary>Threads that compute.</summary>
    public int Threads => _opened.Device.Threads;

    private Decoder Decoder => _opened.Decoder;

    /// <summary>Loads a model with room for tests.</summary>
    /// <param name="path">A GGUF file, or the first of a split one.</param>
    /// <param name="threads">Threads that compute; 0 for one per physical core.</param>
    /// <param name="tests">The tests that will be asked for.</param>
    /// <exception cref="GgufException">The file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="ModelException">Hearth cannot run it, or it has no positions for a test's depth and tokens.</exception>
    /// <exception cref="ContextMemoryException">A test needs more memory for keys and values than there is.</exception>
    public static BenchmarkSession Open(string path, int threads, IReadOnlyList<BenchmarkTest> tests)
    {
        LanguageModelOptions options = new() { Threads = threads == 0 ? ComputePool.DefaultThreads : threads };
        return OpenedModel.Open(path, options).Become(opened => new BenchmarkSession(opened, tests.Max(test => test.Positions), options));
    }

    /// <summary>Runs a test once.</summary>
    /// <exception cref="InvalidLogitsException">The model's logits are not numbers.</exception>
    public BenchmarkSample Measure(in BenchmarkTest test, CancellationToken cancellationToken = default)
    {
        Seek(test.Depth, cancellationToken);
        int[] prompt = RandomTokens(test.PromptTokens);
        int[] generated = RandomTokens(test.GeneratedTokens);
        TimeSpan elapsed = TimeSpan.Zero;
        TimeSpan? firstToken = null;
        if (prompt.Length > 0)
        {
            long started = Stopwatch.GetTimestamp();
            Feed(prompt, test.BatchTokens, LogitRows.Last, cancellationToken);
            elapsed = Stopwatch.GetElapsedTime(started);
            _sampler.Sample(_logits);
            firstToken = Stopwatch.GetElapsedTime(started);
        }

        long generating = Stopwatch.GetTimestamp();
        for (int i = 0; i < generated.Length; i++)
        {
            Feed(generated.AsSpan(i, 1), 1, LogitRows.Last, cancellationToken);
        }

        return new BenchmarkSample(elapsed + Stopwatch.GetElapsedTime(generating), firstToken);
    }

    /// <summary>
    /// Bytes that a step of one token has to read, on average over the test: weights (of experts, those that a token goes to), keys and values.
    /// </summary>
    public double BytesPerToken(in BenchmarkTest test) => _traffic.BytesPerToken(test.Depth, test.GeneratedTokens);

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _opened.Dispose();
    }

    // What the cache holds are random tokens already, so it only has to be cut or filled up.
    private void Seek(int depth, CancellationToken cancellationToken)
    {
        if (_sequence.Length > depth)
        {
            if (Decoder.StateLength == 0)
            {
                _sequence.Rewind(depth);
            }
            else
            {
                _cache.Release(_sequence);
            }
        }

        Feed(RandomTokens(depth - _sequence.Length), Decoder.MaxBatchTokens, LogitRows.None, cancellationToken);
    }

    private void Feed(ReadOnlySpan<int> tokens, int batchTokens, LogitRows rows, CancellationToken cancellationToken)
    {
        for (int first = 0; first < tokens.Length; first += batchTokens)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(batchTokens, tokens.Length - first);
            LogitRows wanted = first + count == tokens.Length ? rows : LogitRows.None;
            if (!_cache.TryReserve(_sequence, count))
            {
                throw new InvalidOperationException($"The cache of {_cache.Capacity} positions is smaller than the test.");
            }

            _batch.Clear();
            _batch.Add(_sequence, tokens.Slice(first, count), wanted);
            Decoder.Forward(_batch, _cache, wanted == LogitRows.None ? [] : _logits);
        }
    }

    private int[] RandomTokens(int count)
    {
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++)
        {
            tokens[i] = _random.Next(_logits.Length);
        }

        return tokens;
    }
}
