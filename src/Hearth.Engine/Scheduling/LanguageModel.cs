using System.Runtime.CompilerServices;
using Hearth.Engine.Adapters;
using Hearth.Engine.Cache;
using Hearth.Engine.Gguf;
using Hearth.Engine.Grammar.Masks;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Engine.Templates;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Scheduling;

/// <summary>A model that is ready to continue text. Requests may come from any thread, and run together.</summary>
public sealed class LanguageModel : IDisposable
{
    private readonly OpenedModel _opened;
    private readonly KvPool _pool;
    private readonly Speculator _speculator;
    private readonly PrefixArchive? _prefixes;
    private readonly ConstraintVocabulary _constraints;
    private readonly Scheduler _scheduler;
    private int _disposed;

    private LanguageModel(OpenedModel opened, LanguageModelOptions options)
    {
        _opened = opened;
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Parallel, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Parallel, LanguageModelOptions.MaxParallel, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxWaiting, nameof(options));
        ContextLength = options.ContextLength ?? ContextMemory.DefaultLength(Config.ContextLength, Decoder.CacheLayers, options);
        string? own = Metadata.GetString("tokenizer.chat_template");
        HasChatTemplate = options.ChatTemplate is not null || own is not null;
        ChatTemplate = ChatTemplate.Parse(options.ChatTemplate ?? ChatTemplateSource.Jinja(own ?? BuiltInTemplates.ChatMl));
        Parallel = options.Parallel;
        _pool = ContextMemory.Create(Decoder, ContextLength, ContextMemory.PositionsFor(Decoder.CacheLayers, ContextLength, options), options.CacheType);
        StepCosts costs = new(options.Speculation.StepCost);
        DraftModel? draft = null;
        try
        {
            Decoder.Prepare(_pool);
            Tokenizer = opened.FindTokenizer() ?? throw ModelException.NoVocabulary(opened.File.Path);
            draft = options.Speculation.DraftPath is string path ? DraftModel.Load(path, opened, Tokenizer, ContextLength, options) : null;
            _speculator = new Speculator(options.Speculation, costs, canRewind: Decoder.StateLength == 0, draft);
            _prefixes = options.PrefixFolder is string folder ? PrefixArchive.Open(folder, opened, _pool, ContextLength, options.Warn) : null;
            _prefixes?.Restore();
        }
        catch
        {
            draft?.Dispose();
            _pool.Dispose();
            throw;
        }

        _constraints = new ConstraintVocabulary(Tokenizer);
        _scheduler = new Scheduler(opened, _pool, Tokenizer, _constraints, ContextLength, options, costs, _speculator);
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

    /// <summary>Sequences that run at once at most.</summary>
    public int Parallel { get; }

    /// <summary>What is going on, as of the last step.</summary>
    public SchedulerStatistics Statistics => _scheduler.Statistics;

    /// <summary>The adapters that requests may use, by their numbers.</summary>
    public IReadOnlyList<LoraAdapter> Adapters => _opened.Adapters.Adapters;

    /// <summary>Threads that compute.</summary>
    public int Threads => _opened.Device.Threads;

    /// <summary>How long loading took.</summary>
    public TimeSpan LoadTime { get; }

    internal Decoder Decoder => _opened.Decoder;

    internal Scheduler Scheduler => _scheduler;

    /// <summary>Loads a model.</summary>
    /// <param name="paths">A GGUF file, or the first of a split one.</param>
    /// <param name="options">How to load it.</param>
    /// <exception cref="GgufException">The file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="ModelException">The file is sound, but Hearth cannot run it.</exception>
    /// <exception cref="TokenizerException">Its vocabulary is broken or of an unknown kind.</exception>
    /// <exception cref="TemplateException">Its chat template is broken.</exception>
    /// <exception cref="LoraException">An adapter is not one for this model.</exception>
    /// <exception cref="ContextMemoryException">The context asked for needs more memory than there is.</exception>
    /// <exception cref="DraftModelException">The draft model cannot guess for this model.</exception>
    /// <exception cref="PrefixFolderException">The folder for saved prefixes cannot be used.</exception>
    public static LanguageModel Load(GgufPaths paths, LanguageModelOptions? options = null)
    {
        options ??= new LanguageModelOptions();
        return OpenedModel.Open(paths, options).Become(opened => Create(opened, options));
    }

    /// <summary>Continues a prompt. Leaving the enumeration, or cancelling, ends the work within one step.</summary>
    /// <param name="request">The prompt and the options.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Progress, text as it is made, and a <see cref="GenerationFinished"/> at the end. Besides what <see cref="Submit"/> throws, it throws
    /// <see cref="TimeLimitException"/>, <see cref="StepFailedException"/> and, when the model is disposed meanwhile,
    /// <see cref="ObjectDisposedException"/>.</returns>
    /// <inheritdoc cref="Submit" path="/exception"/>
    public IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request);
        return EnumerateAsync(request, cancellationToken);
    }

    /// <summary>Takes requests in that belong together, such as the choices of one answer: all or none. They run at the same time.</summary>
    /// <param name="requests">Prompts and options.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>One generation for each request, to be disposed.</returns>
    /// <exception cref="ContextLengthException">The prompt does not fit the context.</exception>
    /// <exception cref="LoraException">The request asks for an adapter that the model does not have.</exception>
    /// <exception cref="Sampling.SamplingOptionException">A sampling option is out of range.</exception>
    /// <exception cref="ArgumentException">The prompt is empty, a token is not in the vocabulary, or a limit makes no sense.</exception>
    /// <exception cref="QueueFullException">As many requests wait as may.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public IReadOnlyList<Generation> Submit(IReadOnlyList<GenerationRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        foreach (GenerationRequest request in requests)
        {
            Check(request);
            _constraints.Prepare(request.Constraint);
        }

        GenerationJob[] jobs = [.. requests.Select(request => new GenerationJob(request, cancellationToken))];
        _scheduler.Submit(jobs);
        return [.. jobs.Select(job => new Generation(job))];
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

        if (request.Prompt.Count >= ContextLength && !request.Truncate)
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

        ArgumentOutOfRangeException.ThrowIfNegative(request.MaxTokens ?? 0, nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegative(request.PromptLogProbabilities ?? 0, nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegative(request.TopLogProbabilities ?? 0, nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegative(request.KeepTokens, nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegative(request.ReasoningBudget?.Tokens ?? 0, nameof(request));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(request.TimeLimit ?? TimeSpan.MaxValue, TimeSpan.Zero, nameof(request));
    }

    /// <summary>Ends the requests that run and wait with <see cref="ObjectDisposedException"/>, and frees everything.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _scheduler.Dispose();
        _prefixes?.Save();
        _speculator.Dispose();
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
        using Generation generation = Submit([request], cancellationToken)[0];
        await foreach (GenerationEvent generated in generation.Events.ReadAllAsync(cancellationToken))
        {
            yield return generated;
        }
    }
}
