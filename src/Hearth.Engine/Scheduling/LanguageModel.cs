using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Hearth.Engine.Adapters;
using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Templates;
using Hearth.Engine.Tokenization;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Scheduling;

/// <summary>A model that is ready to continue text. Requests may come from any thread; one loop serves them in order.</summary>
public sealed class LanguageModel : IDisposable
{
    private const int MaxWaitingRequests = 256;
    private const double CacheShareOfMemory = 0.25;
    private readonly GgufFile _file;
    private readonly AdapterSet _adapters;
    private readonly CpuDevice _device;
    private readonly KvPool _pool;
    private readonly Channel<GenerationJob> _jobs = Channel.CreateBounded<GenerationJob>(MaxWaitingRequests);
    private readonly Thread _loop;

    private LanguageModel(GgufFile file, AdapterSet adapters, CpuDevice device, Decoder decoder, Tokenizer tokenizer, LanguageModelOptions options)
    {
        _file = file;
        _adapters = adapters;
        _device = device;
        Decoder = decoder;
        Tokenizer = tokenizer;
        ContextLength = options.ContextLength ?? DefaultContextLength(decoder, options.CacheType);
        _pool = CreatePool(decoder, ContextLength, options.CacheType);
        string? template = file.Metadata.GetString("tokenizer.chat_template");
        HasChatTemplate = template is not null;
        ChatTemplate = ChatTemplate.Parse(template ?? BuiltInTemplates.ChatMl);
        _loop = new Thread(() => new GenerationLoop(decoder, _pool, tokenizer, adapters, ContextLength).Run(_jobs.Reader)) { IsBackground = true, Name = "hearth-generation" };
        _loop.Start();
    }

    /// <summary>The file that the model was loaded from.</summary>
    public string Path => _file.Path;

    /// <summary>The name in the file's metadata, or null.</summary>
    public string? Name => _file.Metadata.GetString("general.name");

    /// <summary>What the header says.</summary>
    public ModelConfig Config => Decoder.Config;

    /// <summary>The file's metadata.</summary>
    public GgufMetadata Metadata => _file.Metadata;

    /// <summary>Bytes of the file's weights.</summary>
    public long FileLength => _file.FileLength;

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The model's chat template, or ChatML when it has none.</summary>
    public ChatTemplate ChatTemplate { get; }

    /// <summary>Whether <see cref="ChatTemplate"/> is the model's own.</summary>
    public bool HasChatTemplate { get; }

    /// <summary>Tokens of context in force, prompt and answer together.</summary>
    public int ContextLength { get; }

    /// <summary>The adapters that requests may use, by their numbers.</summary>
    public IReadOnlyList<LoraAdapter> Adapters => _adapters.Adapters;

    /// <summary>Threads that compute.</summary>
    public int Threads => _device.Threads;

    /// <summary>How long loading took.</summary>
    public TimeSpan LoadTime { get; private init; }

    internal Decoder Decoder { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="path">A GGUF file, or the first of a split one.</param>
    /// <param name="options">How to load it.</param>
    /// <exception cref="GgufException">The file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="ModelException">The file is sound, but Hearth cannot run it.</exception>
    /// <exception cref="TokenizerException">Its vocabulary is broken or of an unknown kind.</exception>
    /// <exception cref="TemplateException">Its chat template is broken.</exception>
    /// <exception cref="LoraException">An adapter is not one for this model.</exception>
    /// <exception cref="ContextMemoryException">The context asked for needs more memory than there is.</exception>
    public static LanguageModel Load(string path, LanguageModelOptions? options = null)
    {
        options ??= new LanguageModelOptions();
        long started = Stopwatch.GetTimestamp();
        GgufFile file = GgufFile.Open(path);
        AdapterSet? adapters = null;
        CpuDevice? device = null;
        try
        {
            adapters = AdapterSet.Open(options.Adapters);
            device = new CpuDevice(options.Threads);
            Decoder decoder = ModelFamily.Load(file, device, adapters.Files);
            if (!decoder.HasLogits)
            {
                throw ModelException.NoLogits(decoder.Config.Architecture);
            }

            Tokenizer tokenizer = CreateTokenizer(file, decoder.Config);
            return new LanguageModel(file, adapters, device, decoder, tokenizer, options) { LoadTime = Stopwatch.GetElapsedTime(started) };
        }
        catch
        {
            device?.Dispose();
            adapters?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Continues a prompt. Leaving the enumeration, or cancelling, ends the work within one step.</summary>
    /// <param name="request">The prompt and the options.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Progress, text as it is made, and a <see cref="GenerationFinished"/> at the end.</returns>
    /// <exception cref="ContextLengthException">The prompt does not fit the context.</exception>
    /// <exception cref="LoraException">The request asks for an adapter that the model does not have.</exception>
    /// <exception cref="Sampling.SamplingOptionException">A sampling option is out of range.</exception>
    /// <exception cref="ArgumentException">The prompt is empty, a token is not in the vocabulary, or a limit makes no sense.</exception>
    public IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request);
        return EnumerateAsync(request, cancellationToken);
    }

    /// <summary>Refuses a request that cannot be run, before any work is done for it.</summary>
    /// <inheritdoc cref="GenerateAsync" path="/exception"/>
    public void Check(GenerationRequest request)
    {
        request.Sampling.Validate();
        _adapters.Scales(request.AdapterScales);
        if (request.Prompt.Count == 0)
        {
            throw new ArgumentException("The prompt is empty: there is nothing to continue.", nameof(request));
        }

        if (request.Prompt.Count >= ContextLength)
        {
            throw new ContextLengthException(request.Prompt.Count, ContextLength);
        }

        foreach (int token in request.Prompt)
        {
            if ((uint)token >= (uint)Config.VocabularySize)
            {
                throw new ArgumentException($"Token {token} is not in the vocabulary of {Config.VocabularySize}.", nameof(request));
            }
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.MaxTokens ?? 1, nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegative(request.TopLogProbabilities ?? 0, nameof(request));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_jobs.Writer.TryComplete())
        {
            return;
        }

        _loop.Join();
        _pool.Dispose();
        _device.Dispose();
        _adapters.Dispose();
        _file.Dispose();
    }

    private async IAsyncEnumerable<GenerationEvent> EnumerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        GenerationJob job = new(request, stop.Token);
        try
        {
            await _jobs.Writer.WriteAsync(job, cancellationToken);
            await foreach (GenerationEvent generated in job.Events.Reader.ReadAllAsync(cancellationToken))
            {
                yield return generated;
            }
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private static Tokenizer CreateTokenizer(GgufFile file, ModelConfig config)
    {
        if (file.Metadata.GetStrings("tokenizer.ggml.tokens") is null)
        {
            throw ModelException.NoVocabulary(file.Path);
        }

        Tokenizer tokenizer = Tokenizer.Create(file.Metadata);
        return tokenizer.VocabularySize <= config.VocabularySize
            ? tokenizer
            : throw ModelException.InvalidMetadata("tokenizer.ggml.tokens", $"a list of {tokenizer.VocabularySize}", $"at most the {config.VocabularySize} rows of the embedding table");
    }

    private static int DefaultContextLength(Decoder decoder, KvElementType type)
    {
        int length = decoder.Config.ContextLength;
        long bytesPerBlock = KvStorage.BytesFor(decoder.CacheLayers, 1, type);
        if (bytesPerBlock == 0)
        {
            return length;
        }

        double budget = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * CacheShareOfMemory;
        return (int)Math.Clamp(budget / bytesPerBlock * KvStorage.BlockTokens, Math.Min(KvStorage.BlockTokens, length), length);
    }

    private static KvPool CreatePool(Decoder decoder, int contextLength, KvElementType type)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 1);
        if (decoder.PositionCount is int positions && contextLength > positions)
        {
            throw ModelException.ContextBeyondPositions(contextLength, positions);
        }

        int blocks = (int)(((long)contextLength + KvStorage.BlockTokens - 1) / KvStorage.BlockTokens);
        Int128 needed = (Int128)KvStorage.BytesFor(decoder.CacheLayers, 1, type) * blocks;
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed > available)
        {
            throw new ContextMemoryException(contextLength, needed, available);
        }

        decoder.UseContext(contextLength);
        return decoder.CreateCache(blocks, type);
    }
}
