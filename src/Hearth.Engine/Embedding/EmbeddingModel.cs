using System.Diagnostics;
using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Embedding;

/// <summary>
/// A model that turns texts into vectors. Encoders do, and so does any other model by its last states. Requests may come from any thread; they
/// run one after the other, and the inputs of one request run together.
/// </summary>
public sealed class EmbeddingModel : IDisposable
{
    private const int MaxSequencesPerStep = 64;
    private readonly GgufFile _file;
    private readonly CpuDevice _device;
    private readonly Decoder _decoder;
    private readonly KvPool _cache;
    private readonly SemaphoreSlim _turn = new(1, 1);

    private EmbeddingModel(GgufFile file, CpuDevice device, Decoder decoder, LanguageModelOptions options)
    {
        _file = file;
        _device = device;
        _decoder = decoder;
        ContextLength = Math.Min(options.ContextLength ?? decoder.Config.ContextLength, decoder.Config.ContextLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(ContextLength, 1, nameof(options));
        Tokenizer = file.Metadata.GetStrings("tokenizer.ggml.tokens") is null ? null : Tokenizer.Create(file.Metadata);
        Pooling = ReadPooling(file.Metadata, decoder);
        decoder.UseContext(ContextLength);
        long positions = (long)Math.Max(ContextLength, Decoder.MaxBatchTokens) + (MaxSequencesPerStep * KvStorage.BlockTokens);
        _cache = CreateCache(decoder, positions, ContextLength, options.CacheType);
    }

    /// <summary>The file that the model was loaded from.</summary>
    public string Path => _file.Path;

    /// <summary>The name in the file's metadata, or null.</summary>
    public string? Name => _file.Metadata.GetString("general.name");

    /// <summary>The file's metadata.</summary>
    public GgufMetadata Metadata => _file.Metadata;

    /// <summary>Bytes of the file's weights.</summary>
    public long FileLength => _file.FileLength;

    /// <summary>What the header says.</summary>
    public ModelConfig Config => _decoder.Config;

    /// <summary>The model's tokenizer, or null when the file has no vocabulary.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>Tokens of context in force.</summary>
    public int ContextLength { get; }

    /// <summary>The pooling of the header; without one the mean for models that see both ways and the last token for the others.</summary>
    public PoolingKind Pooling { get; }

    /// <summary>Whether the model has a classifier, so that it can rank.</summary>
    public bool CanRank => _decoder.Pooling is { RankLength: > 0 };

    /// <summary>Names of the classifier's outputs; empty when the file names none.</summary>
    public IReadOnlyList<string> Labels => _decoder.Pooling?.Labels ?? [];

    /// <summary>How long loading took.</summary>
    public TimeSpan LoadTime { get; private init; }

    /// <summary>Loads a model.</summary>
    /// <exception cref="GgufException">The file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="ModelException">The file is sound, but Hearth cannot run it.</exception>
    /// <exception cref="TokenizerException">Its vocabulary is broken or of an unknown kind.</exception>
    /// <exception cref="ContextMemoryException">The context asked for needs more memory than there is.</exception>
    public static EmbeddingModel Load(string path, LanguageModelOptions? options = null)
    {
        options ??= new LanguageModelOptions();
        long started = Stopwatch.GetTimestamp();
        GgufFile file = GgufFile.Open(path);
        CpuDevice? device = null;
        try
        {
            device = new CpuDevice(options.Threads);
            return new EmbeddingModel(file, device, ModelFamily.Load(file, device), options) { LoadTime = Stopwatch.GetElapsedTime(started) };
        }
        catch
        {
            device?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Embeds inputs; the vectors are not normalised.</summary>
    /// <param name="inputs">Token ids of each input.</param>
    /// <param name="pooling">How token states become one vector; null for <see cref="Pooling"/>.</param>
    /// <param name="truncate">Cuts inputs at the context's length instead of refusing them.</param>
    /// <param name="cancellationToken">Ends the work between steps.</param>
    /// <returns>For each input <c>[embedding]</c>, with <see cref="PoolingKind.None"/> <c>[tokens * embedding]</c>, and with <see cref="PoolingKind.Rank"/> the classifier's outputs.</returns>
    /// <exception cref="EmbeddingException">An input is empty, too long, or has an unknown token; or the model cannot rank.</exception>
    public async Task<IReadOnlyList<float[]>> EmbedAsync(
        IReadOnlyList<IReadOnlyList<int>> inputs, PoolingKind? pooling = null, bool truncate = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        PoolingKind kind = pooling ?? Pooling;
        if (kind == PoolingKind.Rank && !CanRank)
        {
            throw EmbeddingException.CannotRank(Config);
        }

        int[][] checkedInputs = [.. inputs.Select((input, index) => Check(input, index, truncate))];
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Run(checkedInputs, kind, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _turn.Wait();
        _cache.Dispose();
        _device.Dispose();
        _file.Dispose();
        _turn.Dispose();
    }

    private int[] Check(IReadOnlyList<int> input, int index, bool truncate)
    {
        if (input.Count == 0)
        {
            throw EmbeddingException.Empty(index);
        }

        if (input.Count > ContextLength && !truncate)
        {
            throw EmbeddingException.TooLong(index, input.Count, ContextLength);
        }

        int[] tokens = [.. input.Take(ContextLength)];
        foreach (int token in tokens)
        {
            if ((uint)token >= (uint)Config.VocabularySize)
            {
                throw EmbeddingException.UnknownToken(index, token, Config.VocabularySize);
            }
        }

        return tokens;
    }

    private float[][] Run(int[][] inputs, PoolingKind kind, CancellationToken cancellationToken)
    {
        float[][] results = new float[inputs.Length][];
        int first = 0;
        while (first < inputs.Length)
        {
            int count = 1;
            int tokens = inputs[first].Length;
            while (first + count < inputs.Length && count < MaxSequencesPerStep && tokens + inputs[first + count].Length <= Decoder.MaxBatchTokens)
            {
                tokens += inputs[first + count].Length;
                count++;
            }

            RunTogether(inputs.AsSpan(first, count), results.AsSpan(first, count), kind, cancellationToken);
            first += count;
        }

        return results;
    }

    private void RunTogether(ReadOnlySpan<int[]> inputs, Span<float[]> results, PoolingKind kind, CancellationToken cancellationToken)
    {
        Sequence[] sequences = new Sequence[inputs.Length];
        try
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                sequences[i] = new Sequence();
                if (!_cache.TryReserve(sequences[i], inputs[i].Length))
                {
                    throw new InvalidOperationException("The cache is too small for one step.");
                }
            }

            float[] states = States(inputs, sequences, cancellationToken);
            int at = 0;
            for (int i = 0; i < inputs.Length; i++)
            {
                int length = inputs[i].Length * Config.EmbeddingLength;
                results[i] = Pool(states.AsSpan(at, length), kind);
                at += length;
            }
        }
        finally
        {
            foreach (Sequence sequence in sequences)
            {
                if (sequence is not null)
                {
                    _cache.Release(sequence);
                }
            }
        }
    }

    private float[] States(ReadOnlySpan<int[]> inputs, Sequence[] sequences, CancellationToken cancellationToken)
    {
        int total = 0;
        foreach (int[] input in inputs)
        {
            total += input.Length;
        }

        float[] states = new float[checked(total * Config.EmbeddingLength)];
        Batch batch = new();
        if (inputs.Length > 1 || !Config.Causal || total <= Decoder.MaxBatchTokens)
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                batch.Add(sequences[i], inputs[i], LogitRows.All);
            }

            cancellationToken.ThrowIfCancellationRequested();
            _decoder.Embed(batch, _cache, states);
            return states;
        }

        for (int first = 0; first < total; first += Decoder.MaxBatchTokens)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(Decoder.MaxBatchTokens, total - first);
            batch.Clear();
            batch.Add(sequences[0], inputs[0].AsSpan(first, count), LogitRows.All);
            _decoder.Embed(batch, _cache, states.AsSpan(first * Config.EmbeddingLength, count * Config.EmbeddingLength));
        }

        return states;
    }

    private float[] Pool(ReadOnlySpan<float> states, PoolingKind kind)
    {
        int columns = Config.EmbeddingLength;
        switch (kind)
        {
            case PoolingKind.None:
                return states.ToArray();
            case PoolingKind.Mean:
                return _decoder.Transform(Mean(states, columns));
            case PoolingKind.Cls:
                return _decoder.Transform(states[..columns]);
            case PoolingKind.Rank:
                return _decoder.Rank(_decoder.Pooling!.Ranking.Pooling switch
                {
                    PoolingKind.Mean => Mean(states, columns),
                    PoolingKind.Last => states[^columns..],
                    _ => states[..columns],
                });
            default:
                return _decoder.Transform(states[^columns..]);
        }
    }

    private static float[] Mean(ReadOnlySpan<float> states, int columns)
    {
        double[] sums = new double[columns];
        for (int i = 0; i < states.Length; i++)
        {
            sums[i % columns] += states[i];
        }

        int rows = states.Length / columns;
        return [.. sums.Select(sum => (float)(sum / rows))];
    }

    private static PoolingKind ReadPooling(GgufMetadata metadata, Decoder decoder)
    {
        string key = $"{decoder.Config.Architecture}.pooling_type";
        return metadata.GetInteger(key) switch
        {
            null or -1 => decoder.Config.Causal ? PoolingKind.Last : PoolingKind.Mean,
            long value and >= 0 and <= 4 => (PoolingKind)value,
            long value => throw ModelException.InvalidMetadata(key, $"{value}", "0 (none), 1 (mean), 2 (cls), 3 (last) or 4 (rank)"),
        };
    }

    private static KvPool CreateCache(Decoder decoder, long positions, int contextLength, KvElementType type)
    {
        long blocks = (positions + KvStorage.BlockTokens - 1) / KvStorage.BlockTokens;
        Int128 needed = (Int128)KvStorage.BytesFor(decoder.CacheLayers, 1, type) * blocks;
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return needed <= available ? decoder.CreateCache((int)blocks, type) : throw new ContextMemoryException(contextLength, needed, available);
    }
}
