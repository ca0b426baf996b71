using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Hearth.Engine.Adapters;
using Hearth.Engine.Cache;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Templates;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Scheduling;

/// <summary>A model that is ready to continue text. Requests may come from any thread; one loop serves them in order.</summary>
public sealed class LanguageModel : IDisposable
{
    private const int MaxWaitingRequests = 256;
    private readonly OpenedModel _opened;
    private readonly KvPool _pool;
    private readonly Channel<GenerationJob> _jobs = Channel.CreateBounded<GenerationJob>(MaxWaitingRequests);
    private readonly Thread _loop;

    private LanguageModel(OpenedModel opened, LanguageModelOptions options)
    {
        _opened = opened;
        ContextLength = options.ContextLength ?? ContextMemory.DefaultLength(Decoder, options.CacheType);
        string? template = Metadata.GetString("tokenizer.chat_template");
        HasChatTemplate = template is not null;
        ChatTemplate = ChatTemplate.Parse(template ?? BuiltInTemplates.ChatMl);
        _pool = ContextMemory.Create(Decoder, ContextLength, ContextLength, options.CacheType);
        try
        {
            Decoder.Prepare(_pool);
            Tokenizer = opened.FindTokenizer() ?? throw ModelException.NoVocabulary(opened.File.Path);
        }
        catch
        {
            _pool.Dispose();
            throw;
        }

        GenerationLoop loop = new(Decoder, _pool, Tokenizer, opened.Adapters, ContextLength);
        _loop = new Thread(() => loop.Run(_jobs.Reader)) { IsBackground = true, Name = "hearth-generation" };
        _loop.Start();
        LoadTime = opened.Elapsed;
    }

    /// <summary>The file that the model was loaded from.</summary>
    public string Path => _opened.File.Path;

    /// <summary>The name in the file's metadata, or null.</summary>
    public string? Name => _opened.File.Metadata.GetString("general.name");

    /// <summary>What the header says.</summary>
    public ModelConfig Config => Decoder.Config;

    /// <summary>The file's metadata.</summary>
    public GgufMetadata Metadata => _opened.File.Metadata;

    /// <summary>Bytes of the file's weights.</summary>
    public long FileLength => _opened.File.FileLength;

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The model's chat template, or ChatML when it has none.</summary>
    public ChatTemplate ChatTemplate { get; }

    /// <summary>Whether <see cref="ChatTemplate"/> is the model's own.</summary>
    public bool HasChatTemplate { get; }

    /// <summary>Tokens of context in force, prompt and answer together.</summary>
    public int ContextLength { get; }

    /// <summary>The adapters that requests may use, by their numbers.</summary>
    public IReadOnlyList<LoraAdapter> Adapters => _opened.Adapters.Adapters;

    /// <summary>Threads that compute.</summary>
    public int Threads => _opened.Device.Threads;

    /// <summary>How long loading took.</summary>
    public TimeSpan LoadTime { get; }

    internal Decoder Decoder => _opened.Decoder;

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
        return OpenedModel.Open(path, options).Become(opened => Create(opened, options));
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
        _opened.Adapters.Scales(request.AdapterScales);
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
        _opened.Dispose();
    }

    /// <summary>Makes a model from an open file, which it owns from then on.</summary>
    internal static LanguageModel Create(OpenedModel opened, LanguageModelOptions options)
    {
        opened.RequireGeneration();
        return new LanguageModel(opened, options);
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
}
