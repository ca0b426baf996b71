using Hearth.Engine.Adapters;
using Hearth.Engine.Cache;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Embedding;

/// <summary>
/// A model that turns texts into vectors. Encoders do, and so does any other model by its last states. Requests may come from any thread;
/// they take turns, step by step, and short inputs of one request share a step.
/// </summary>
public sealed class EmbeddingModel : IDisposable
{
    /// <summary>Tokens of context at most, unless a context is asked for: longer inputs take memory that few need.</summary>
    public const int MaxDefaultContextLength = 8192;

    private const int MaxSequencesPerStep = 64;
    private readonly OpenedModel _opened;
    private readonly KvPool _cache;
    private readonly EmbeddingPrompts? _prompts;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private int _disposed;

    private EmbeddingModel(OpenedModel opened, LanguageModelOptions options)
    {
        _opened = opened;
        ContextLength = ContextFor(Config, Decoder.CacheLayers, options);
        Tokenizer = opened.FindTokenizer();
        _prompts = Tokenizer is null ? null : new EmbeddingPrompts(Tokenizer, Metadata.GetString("tokenizer.chat_template.rerank"), ContextLength);
        Pooling = HeaderPooling(Metadata, Config.Architecture) ?? (Config.Causal ? PoolingKind.Last : PoolingKind.Mean);
        _cache = ContextMemory.Create(Decoder, ContextLength, PositionsFor(ContextLength), options.CacheType);
        LoadTime = opened.Elapsed;
    }

    /// <summary>The file that the model was loaded from.</summary>
    public string Path => _opened.File.Path;

    /// <summary>The name in the file's metadata, or null.</summary>
    public string? Name => Metadata.GetString("general.name");

    /// <summary>The file's metadata.</summary>
    public GgufMetadata Metadata => _opened.File.Metadata;

    /// <summary>Bytes of the file's weights.</summary>
    public long FileLength => _opened.File.FileLength;

    /// <summary>What the header says.</summary>
    public ModelConfig Config => Decoder.Config;

    /// <summary>The model's tokenizer, or null when the file has no vocabulary.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>Tokens of context in force: of one input.</summary>
    public int ContextLength { get; }

    /// <summary>The pooling of the header; without one the mean for models that see both ways and the last token for the others.</summary>
    public PoolingKind Pooling { get; }

    /// <summary>Elements of a vector, other than of <see cref="PoolingKind.None"/> and <see cref="PoolingKind.Rank"/>.</summary>
    public int VectorLength => Decoder.Pooling?.VectorLength ?? Config.EmbeddingLength;

    /// <summary>Whether the model has a classifier, so that it can rank.</summary>
    public bool CanRank => Decoder.Pooling is { RankLength: > 0 };

    /// <summary>Names of the classifier's outputs; empty when the file names none.</summary>
    public IReadOnlyList<string> Labels => Decoder.Pooling?.Labels ?? [];

    /// <summary>How long loading took.</summary>
    public TimeSpan LoadTime { get; }

    private Decoder Decoder => _opened.Decoder;

    /// <summary>Loads a model.</summary>
    /// <param name="paths">A GGUF file, or the first of a split one.</param>
    /// <param name="options">How to load it; without a context, <see cref="MaxDefaultContextLength"/> is the most.</param>
    /// <exception cref="GgufException">The file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="ModelException">The file is sound, but Hearth cannot run it.</exception>
    /// <exception cref="TokenizerException">Its vocabulary is broken or of an unknown kind.</exception>
    /// <exception cref="LoraException">An adapter is not one for this model.</exception>
    /// <exception cref="ContextMemoryException">The context asked for needs more memory than there is.</exception>
    public static EmbeddingModel Load(GgufPaths paths, LanguageModelOptions? options = null)
    {
        options ??= new LanguageModelOptions();
        return OpenedModel.Open(paths, options).Become(opened => Create(opened, options));
    }

    /// <summary>The tokens of a text, with those that the vocabulary adds. Control tokens in the text are not recognised.</summary>
    /// <param name="text">The text.</param>
    /// <param name="truncate">Cuts the text so that its tokens fit the context.</param>
    /// <exception cref="ModelException">The file has no vocabulary.</exception>
    public IReadOnlyList<int> Encode(string text, bool truncate = false) => Prompts.Encode(text, truncate);

    /// <summary>
    /// The tokens of a query and a document, for <see cref="PoolingKind.Rank"/>: with the model's own template for such pairs, or begin,
    /// query, end, separator, document, end, as the vocabulary adds them. Control tokens in the texts are not recognised.
    /// </summary>
    /// <param name="query">The query.</param>
    /// <param name="document">The document.</param>
    /// <param name="truncate">Cuts the document so that all tokens fit the context.</param>
    /// <exception cref="ModelException">The file has no vocabulary.</exception>
    /// <exception cref="EmbeddingException">Truncation is asked for, but the query leaves nothing for the document.</exception>
    public IReadOnlyList<int> EncodePair(string query, string document, bool truncate = false) => Prompts.EncodePair(query, document, truncate);

    /// <summary>Embeds inputs; the vectors are not normalised.</summary>
    /// <param name="inputs">Token ids of each input.</param>
    /// <param name="pooling">How token states become one vector; null for <see cref="Pooling"/>.</param>
    /// <param name="truncate">Cuts inputs at the context's length instead of refusing them.</param>
    /// <param name="cancellationToken">Ends the work between steps.</param>
    /// <returns>
    /// For each input <c>[embedding]</c>, with <see cref="PoolingKind.None"/> <c>[tokens * embedding]</c>, and with
    /// <see cref="PoolingKind.Rank"/> the classifier's outputs.
    /// </returns>
    /// <exception cref="EmbeddingException">An input is empty, too long, or has an unknown token; or the model cannot rank.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed, before or meanwhile.</exception>
    public async Task<IReadOnlyList<float[]>> EmbedAsync(
        IReadOnlyList<IReadOnlyList<int>> inputs, PoolingKind? pooling = null, bool truncate = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        PoolingKind kind = pooling ?? Pooling;
        if (kind == PoolingKind.Rank && !CanRank)
        {
            throw EmbeddingException.CannotRank(Config);
        }

        int[][] texts = [.. inputs.Select((input, index) => Check(input, index, truncate))];
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        try
        {
            return await RunAsync(texts, kind, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(typeof(EmbeddingModel).FullName);
        }
    }

    /// <summary>Ends the work that is going on after its step, waits for that, and frees everything.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        // Whoever waits for a turn is cancelled, and whoever has one gives it back; nobody gets it after this.
        _closing.Cancel();
        _turn.Wait();
        _cache.Dispose();
        _opened.Dispose();
    }

    /// <summary>Makes a model from an open file, which it owns from then on.</summary>
    internal static EmbeddingModel Create(OpenedModel opened, LanguageModelOptions options) => new(opened, options);

    /// <summary>Whether a file is for embedding or ranking: its architecture has no logits, or its header names a pooling.</summary>
    /// <param name="metadata">The file's metadata.</param>
    /// <param name="architecture">Its architecture.</param>
    /// <param name="hasLogits">Whether the architecture predicts tokens.</param>
    internal static bool IsEmbedder(GgufMetadata metadata, string architecture, bool hasLogits) =>
        !hasLogits || HeaderPooling(metadata, architecture) is not (null or PoolingKind.None);

    /// <summary>Tokens of context in force for what is asked for.</summary>
    /// <param name="config">What the header says.</param>
    /// <param name="layers">The layers with attention.</param>
    /// <param name="options">What is asked for.</param>
    internal static int ContextFor(ModelConfig config, IReadOnlyList<KvLayerShape> layers, LanguageModelOptions options) => Math.Min(
        options.ContextLength ?? Math.Min(MaxDefaultContextLength, ContextMemory.DefaultLength(config.ContextLength, layers, options)),
        config.ContextLength);

    /// <summary>Positions of the cache: of a whole context or step, and a rest of a block for each of the sequences that may share a step.</summary>
    internal static long PositionsFor(int contextLength) =>
        (long)Math.Max(contextLength, Decoder.MaxBatchTokens) + (MaxSequencesPerStep * KvStorage.BlockTokens);

    private EmbeddingPrompts Prompts => _prompts ?? throw ModelException.NoVocabulary(Path);

    private static PoolingKind? HeaderPooling(GgufMetadata metadata, string architecture)
    {
        string key = $"{architecture}.pooling_type";
        return metadata.GetInteger(key) switch
        {
            null or -1 => null,
            long value and >= 0 and <= 4 => (PoolingKind)value,
            long value => throw ModelException.InvalidMetadata(key, $"{value}", "0 (none), 1 (mean), 2 (cls), 3 (last) or 4 (rank)"),
        };
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

    private async Task<float[][]> RunAsync(int[][] inputs, PoolingKind kind, CancellationToken cancellationToken)
    {
        float[][] results = new float[inputs.Length][];
        int first = 0;
        while (first < inputs.Length)
        {
            int begin = first;
            int count = CountTogether(inputs.AsSpan(first));
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await Task.Run(() => RunTogether(inputs.AsSpan(begin, count), results.AsSpan(begin, count), kind, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }

            first += count;
        }

        int wrong = Array.FindIndex(results, result => !result.All(float.IsFinite));
        return wrong < 0 ? results : throw EmbeddingException.NotFinite(wrong);
    }

    private static int CountTogether(ReadOnlySpan<int[]> inputs)
    {
        int count = 1;
        int tokens = inputs[0].Length;
        while (count < Math.Min(inputs.Length, MaxSequencesPerStep) && tokens + inputs[count].Length <= Decoder.MaxBatchTokens)
        {
            tokens += inputs[count].Length;
            count++;
        }

        return count;
    }

    private void RunTogether(ReadOnlySpan<int[]> inputs, Span<float[]> results, PoolingKind kind, CancellationToken cancellationToken)
    {
        PoolingKind gathered = kind == PoolingKind.Rank ? Decoder.Pooling!.Ranking.Pooling : kind;
        Sequence[] sequences = new Sequence[inputs.Length];
        StatePooler[] poolers = new StatePooler[inputs.Length];
        try
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                sequences[i] = new Sequence { AdapterScales = _opened.Adapters.Scales(null) };
                poolers[i] = new StatePooler(gathered, Config.EmbeddingLength);
                if (!_cache.TryReserve(sequences[i], inputs[i].Length))
                {
                    throw new InvalidOperationException("The cache is too small for one step.");
                }
            }

            if (inputs.Length == 1 && Config.Causal)
            {
                RunInChunks(inputs[0], sequences[0], poolers[0], gathered, cancellationToken);
            }
            else
            {
                RunWhole(inputs, sequences, poolers, gathered, cancellationToken);
            }

            for (int i = 0; i < inputs.Length; i++)
            {
                float[] pooled = poolers[i].Result();
                results[i] = kind switch
                {
                    PoolingKind.None => pooled,
                    PoolingKind.Rank => Decoder.Rank(pooled),
                    _ => Decoder.Transform(pooled),
                };
            }
        }
        finally
        {
            foreach (Sequence sequence in sequences.OfType<Sequence>())
            {
                _cache.Release(sequence);
            }
        }
    }

    private void RunWhole(ReadOnlySpan<int[]> inputs, Sequence[] sequences, StatePooler[] poolers, PoolingKind kind, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LogitRows rows = kind == PoolingKind.Last ? LogitRows.Last : LogitRows.All;
        Batch batch = new();
        for (int i = 0; i < inputs.Length; i++)
        {
            batch.Add(sequences[i], inputs[i], rows);
        }

        float[] states = States(batch);
        int at = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            int length = (rows == LogitRows.Last ? 1 : inputs[i].Length) * Config.EmbeddingLength;
            poolers[i].Add(states.AsSpan(at, length));
            at += length;
        }
    }

    private void RunInChunks(int[] input, Sequence sequence, StatePooler pooler, PoolingKind kind, CancellationToken cancellationToken)
    {
        Batch batch = new();
        for (int first = 0; first < input.Length; first += Decoder.MaxBatchTokens)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(Decoder.MaxBatchTokens, input.Length - first);
            LogitRows rows = kind != PoolingKind.Last ? LogitRows.All : first + count == input.Length ? LogitRows.Last : LogitRows.None;
            batch.Clear();
            batch.Add(sequence, input.AsSpan(first, count), rows);
            pooler.Add(States(batch));
        }
    }

    private float[] States(Batch batch)
    {
        float[] states = new float[checked(batch.OutputRowCount * Config.EmbeddingLength)];
        Decoder.Embed(batch, _cache, states);
        return states;
    }
}
