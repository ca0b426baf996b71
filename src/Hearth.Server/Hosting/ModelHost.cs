using System.Globalization;
using Hearth.Engine.Embedding;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Server.Errors;
using Hearth.Server.Observability;
using Hearth.Server.Settings;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Server.Hosting;

/// <summary>
/// The models that a process serves, each under the name that clients use for it. They are loaded when they are first asked for, as far as
/// the memory holds them, and go when others need it or nobody has asked for long enough.
/// </summary>
public sealed class ModelHost : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Lock _settingsGate = new();
    private readonly Dictionary<string, ServedModel> _models = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly TimeProvider _time;
    private readonly ModelPool _pool;
    private readonly StoredModels? _stored;
    private (long Length, DateTime Written) _settingsStamp;

    /// <summary>A host without models.</summary>
    public ModelHost(ModelHostOptions? options = null, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Options = options ?? new ModelHostOptions();
        Metrics = new ServerMetrics(this);
        LoadFailures = new LoadFailures(_time);
        _pool = new ModelPool(Options, _time, Metrics.Pool);
        _stored = Options.Store is null ? null : new StoredModels(Options.Store, Options, _time);
        _settingsStamp = Options.Settings?.Stamp ?? default;
    }

    /// <summary>What may be loaded.</summary>
    public ModelHostOptions Options { get; }

    /// <summary>Bytes of memory that loaded models may need together.</summary>
    public long MemoryBytes => _pool.BudgetBytes;

    /// <summary>Bytes of memory that loaded models need together.</summary>
    public long UsedBytes => _pool.UsedBytes;

    /// <summary>Models that could not be loaded the last time.</summary>
    internal LoadFailures LoadFailures { get; }

    /// <summary>What is counted of requests and models.</summary>
    internal ServerMetrics Metrics { get; }

    /// <summary>Requests that wait for a model to be loaded, or for memory to load it.</summary>
    internal int WaitingRequests => _pool.WaitingRequests;

    /// <summary>Models that are in memory, with the bytes that they need.</summary>
    internal IReadOnlyList<(string Model, long Bytes)> Loaded => _pool.Present;

    /// <summary>Whether a model can be loaded without another one having to go for it.</summary>
    public bool HasRoomFor(ServedModel served) => _pool.HasRoomFor(served.Main);

    /// <summary>The models that are registered and those of the store that requests have named, in the order in which they were.</summary>
    public IReadOnlyList<ServedModel> Models
    {
        get
        {
            IReadOnlyList<ServedModel> stored = _stored?.Served ?? [];
            lock (_gate)
            {
                return [.. _names.Select(name => _models[name]).Concat(stored).OrderBy(served => served.Created)];
            }
        }
    }

    /// <summary>Serves a model of whatever kind the file holds. Its header is checked now; it is loaded when it is first asked for.</summary>
    /// <param name="name">The name that clients use.</param>
    /// <param name="path">A GGUF file, or the first of a split one.</param>
    /// <param name="options">How to serve it where nothing is set; null for the defaults.</param>
    /// <param name="commandLine">What is set for this process; null for nothing.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="SettingsFileException">The file of settings cannot be used.</exception>
    /// <inheritdoc cref="ModelHeader.Read" path="/exception"/>
    public ServedModel Register(string name, string path, ServedModelOptions? options = null, ModelSettings? commandLine = null)
    {
        ModelSettings persisted = Options.Settings?.Get(KeyOf(name, path)) ?? ModelSettings.None;
        options ??= new ServedModelOptions();
        options = options with { Load = options.Load with { Warn = options.Load.Warn ?? Options.Warn } };
        ServedModel served = new(name, path, KeyOf(name, path), options, commandLine ?? ModelSettings.None, persisted, _time.GetUtcNow());
        lock (_gate)
        {
            if (!_models.TryAdd(name, served))
            {
                throw new ArgumentException($"A model named '{name}' is served already.", nameof(name));
            }

            _names.Add(name);
            return served;
        }
    }

    /// <summary>Serves a model of the store from now on, and not only when a request has named it. It is loaded when it is first asked for.</summary>
    /// <param name="model">The model.</param>
    /// <param name="commandLine">What is set for this process.</param>
    /// <inheritdoc cref="Find" path="/exception"/>
    public ServedModel ServeStored(StoredModel model, ModelSettings commandLine)
    {
        ArgumentNullException.ThrowIfNull(model);
        ServedModel served = Find(model.Id.ToString());
        Take(served, commandLine, served.Persisted);
        return served;
    }

    /// <summary>
    /// Sets something for a model, for good where there is a file of settings. Where the model has to be loaded in another way it goes when
    /// nobody uses it, and comes back with the next request.
    /// </summary>
    /// <param name="name">The model.</param>
    /// <param name="changes">What to set; it takes precedence over the command line that started the process.</param>
    /// <exception cref="SettingException">A value makes no sense.</exception>
    /// <exception cref="ModelMemoryException">The model would need more memory than models may have.</exception>
    /// <exception cref="SettingsFileException">The file of settings cannot be used.</exception>
    /// <inheritdoc cref="ModelHeader.Read" path="/exception"/>
    public void Configure(string name, ModelSettings changes)
    {
        ServedModel served = Find(name);
        ModelSettings commandLine = served.CommandLine.Except(changes);
        ModelSettings Change(ModelSettings before)
        {
            ModelSettings after = changes.Over(before);
            MemoryEstimate estimate = served.Check(commandLine, after).Estimate;
            return estimate.Total <= MemoryBytes ? after : throw new ModelMemoryException(name, estimate, MemoryBytes);
        }

        ModelSettings persisted = Options.Settings is SettingsStore store ? store.Update(served.SettingsKey, Change) : Change(served.Persisted);
        served.IsContextRaised &= !changes.Values.ContainsKey(ModelSettingTable.ContextName);
        Take(served, commandLine, persisted);
    }

    /// <summary>
    /// Gives a model more context because a request asks for it, until the process ends; a model that is loaded goes for it when it is idle. One
    /// that has as much already stays as it is, so that requests which ask for different contexts do not make it come and go.
    /// </summary>
    /// <param name="served">The model.</param>
    /// <param name="tokens">Tokens of context that it has to have; more than it was trained with are not given.</param>
    /// <param name="parameter">The request's field that asks for it.</param>
    /// <exception cref="ApiException">The context was set by whoever runs the server, or would need more memory than models may have.</exception>
    internal void RaiseContext(ServedModel served, int tokens, string parameter)
    {
        tokens = Math.Min(tokens, served.Header.Config.ContextLength);
        lock (_settingsGate)
        {
            int current = served.Header.ContextFor(served.Options.Load);
            if (tokens <= current)
            {
                return;
            }

            if (!served.IsContextRaised && served.Effective.Values.ContainsKey(ModelSettingTable.ContextName))
            {
                throw ApiException.Invalid(
                    $"'{parameter}' is {tokens}, and this server is set to give '{served.Name}' {current} tokens of context. Ask for less, or raise it with --ctx-size or 'hearth configure'.", parameter, "invalid_value");
            }

            ModelSettings commandLine = served.CommandLine.With(ModelSettingTable.ContextName, tokens.ToString(CultureInfo.InvariantCulture));
            MemoryEstimate estimate = served.Check(commandLine, served.Persisted).Estimate;
            if (estimate.Total > MemoryBytes)
            {
                throw ApiException.Invalid($"'{parameter}' is {tokens}: {new ModelMemoryException(served.Name, estimate, MemoryBytes).Message}", parameter, "invalid_value");
            }

            served.IsContextRaised = true;
            Take(served, commandLine, served.Persisted);
        }
    }

    /// <summary>The model of a name or alias: one that is registered, else one of the store.</summary>
    /// <exception cref="ApiException">No such model.</exception>
    /// <exception cref="Store.Storage.ModelNotFoundException">The name may mean several models of the store.</exception>
    /// <exception cref="Store.Manifests.ManifestException">It is stored, but of a kind that Hearth does not run.</exception>
    /// <exception cref="Store.Storage.StoreException">It is stored, but a content is missing.</exception>
    public ServedModel Find(string name)
    {
        name = Options.Aliases.GetValueOrDefault(name, name);
        ServedModel? served;
        lock (_gate)
        {
            served = _models.GetValueOrDefault(name);
        }

        served ??= _stored?.Find(name, IsRegistered) ?? throw ApiException.ModelNotFound(name, Names());
        RequestMeasurement.Current?.Use(served);
        return served;
    }

    /// <summary>Unloads models of the store that are not stored any more: at once where nobody uses them, else when the requests that run have ended.</summary>
    public void ForgetRemoved() => BeginUnload(_stored?.ForgetRemoved() ?? []);

    /// <summary>Loads a model, if it is not loaded, before anybody asks for it.</summary>
    /// <inheritdoc cref="AcquireLanguageAsync(string, TimeSpan?, CancellationToken)" path="/exception"/>
    public async Task PreloadAsync(string name, CancellationToken cancellationToken = default)
    {
        using ModelLease<IDisposable> lease = await AcquireAsync<IDisposable>(Find(name), beside: false, null, cancellationToken);
    }

    /// <summary>A model to continue text with.</summary>
    /// <param name="name">Its name; null for the first that can.</param>
    /// <param name="keepAlive">How long it stays loaded after this request; null for its own time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ApiException">No such model, or it cannot.</exception>
    /// <exception cref="ModelMemoryException">It needs more memory than models may have.</exception>
    /// <exception cref="ModelBusyException">Others needed the memory for too long.</exception>
    public Task<ModelLease<LanguageModel>> AcquireLanguageAsync(string? name, TimeSpan? keepAlive = null, CancellationToken cancellationToken = default) =>
        LeaseAsync(FindLanguage(name), keepAlive, cancellationToken);

    /// <summary>A model to embed with; without a name, the first that is for embedding, else the first that continues text.</summary>
    /// <inheritdoc cref="AcquireLanguageAsync" path="/param"/>
    /// <inheritdoc cref="AcquireLanguageAsync" path="/exception"/>
    public async Task<ModelLease<EmbeddingModel>> AcquireEmbeddingAsync(string? name, TimeSpan? keepAlive = null, CancellationToken cancellationToken = default)
    {
        ServedModel? served = name is not null ? Find(name)
            : Models.FirstOrDefault(model => model is { IsEmbedder: true, IsRanker: false }) ?? Models.FirstOrDefault(model => !model.IsEmbedder) ?? (Models is [ServedModel first, ..] ? first : null);
        return await AcquireEmbeddingAsync(served ?? throw ApiException.NoModel("embeds text", Names()), keepAlive, cancellationToken);
    }

    /// <summary>A model to embed with, which <see cref="Find"/> has found.</summary>
    internal async Task<ModelLease<EmbeddingModel>> AcquireEmbeddingAsync(ServedModel served, TimeSpan? keepAlive, CancellationToken cancellationToken)
    {
        ModelLease<EmbeddingModel> lease = await AcquireAsync<EmbeddingModel>(served, beside: true, keepAlive, cancellationToken);
        string? refusal = lease.Model.Pooling switch
        {
            PoolingKind.Rank => "is a reranker and has no embeddings; use /v1/rerank, or an embedding model",
            PoolingKind.None => "gives one vector for each token (its header's pooling is none), not one for a text; use another model",
            _ => null,
        };
        if (refusal is not null)
        {
            lease.Dispose();
            throw ApiException.WrongModel(served.Name, refusal);
        }

        return lease;
    }

    /// <summary>A model to rank with; without a name, the first that can.</summary>
    /// <inheritdoc cref="AcquireLanguageAsync" path="/param"/>
    /// <inheritdoc cref="AcquireLanguageAsync" path="/exception"/>
    public Task<ModelLease<EmbeddingModel>> AcquireRankingAsync(string? name, TimeSpan? keepAlive = null, CancellationToken cancellationToken = default)
    {
        ServedModel? served = name is null ? Models.FirstOrDefault(model => model.IsRanker) : Find(name);
        return served is null ? throw ApiException.NoModel("ranks text", Names())
            : served.IsRanker ? AcquireAsync<EmbeddingModel>(served, beside: true, keepAlive, cancellationToken)
            : throw ApiException.WrongModel(served.Name, "has no classifier and cannot rank; use a reranker");
    }

    /// <summary>Unloads a model: at once when nobody uses it, else when the requests that run have ended.</summary>
    /// <returns>Whether it was loaded.</returns>
    public async Task<bool> UnloadAsync(string name, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<Task> gone = BeginUnload([Find(name)]);
        await Task.WhenAll(gone).WaitAsync(cancellationToken);
        return gone.Count > 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();

    /// <summary>The model of a name, to continue text; without a name, the first that can. It need not be loaded.</summary>
    /// <exception cref="ApiException">No such model, or it cannot.</exception>
    internal ServedModel FindLanguage(string? name)
    {
        ServedModel? served = name is null ? Models.FirstOrDefault(model => !model.IsEmbedder) : Find(name);
        RequestMeasurement.Current?.Use(served);
        return served is null ? throw ApiException.NoModel("continues text", Names())
            : !served.IsEmbedder ? served
            : throw ApiException.WrongModel(served.Name, "embeds or ranks text and cannot continue it; use /v1/embeddings or /v1/rerank, or a chat model");
    }

    /// <summary>A model to continue text with, which <see cref="FindLanguage"/> has found.</summary>
    internal Task<ModelLease<LanguageModel>> LeaseAsync(ServedModel served, TimeSpan? keepAlive, CancellationToken cancellationToken) =>
        AcquireAsync<LanguageModel>(served, beside: false, keepAlive, cancellationToken);

    /// <summary>Unloads models: at once where nobody uses them, else when the requests that run have ended.</summary>
    /// <returns>A task for everything that is loaded, which ends when it has gone.</returns>
    internal IReadOnlyList<Task> BeginUnload(IEnumerable<ServedModel> models) => _pool.Unload(models.SelectMany(Instances));

    /// <summary>What of a model is in memory.</summary>
    internal IEnumerable<InstanceStatus> StatusOf(ServedModel served) => Instances(served).Select(instance => _pool.StatusOf(instance, instance != served.Main)).OfType<InstanceStatus>();

    private static ModelInstance[] Instances(ServedModel served) => served.Main == served.Beside ? [served.Main] : [served.Main, served.Beside];

    private async Task<ModelLease<T>> AcquireAsync<T>(ServedModel served, bool beside, TimeSpan? keepAlive, CancellationToken cancellationToken)
        where T : class
    {
        TakeChangedSettings();
        RequestMeasurement.Current?.Use(served);
        (IDisposable value, Action release) = await AcquireAsync(served, beside ? served.Beside : served.Main, keepAlive, cancellationToken);
        if (value is T model)
        {
            return new ModelLease<T>(served, model, release);
        }

        release();
        throw ApiException.WrongModel(served.Name, "has another kind of file now than when it was registered; restart the server");
    }

    private async Task<(IDisposable Value, Action Release)> AcquireAsync(ServedModel served, ModelInstance instance, TimeSpan? keepAlive, CancellationToken cancellationToken)
    {
        try
        {
            if (_pool.StatusOf(instance) is null)
            {
                await Task.Run(served.Refresh, cancellationToken);
            }

            (IDisposable Value, Action Release) acquired = await _pool.AcquireAsync(instance, keepAlive, cancellationToken);
            LoadFailures.Remove(served.Name);
            return acquired;
        }
        catch (Exception exception) when (exception is GgufException or IOException && served.Id is Digest id && _stored?.Has(id) == false)
        {
            // Somebody has removed it since it was found.
            LoadFailures.Remove(served.Name);
            throw new ModelNotFoundException(served.Name);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ObjectDisposedException or ModelBusyException))
        {
            LoadFailures.Add(served.Name, exception);
            throw;
        }
    }

    // Another program may have set something.
    private void TakeChangedSettings()
    {
        if (Options.Settings is not SettingsStore store)
        {
            return;
        }

        lock (_settingsGate)
        {
            (long Length, DateTime Written) stamp = store.Stamp;
            if (stamp == _settingsStamp)
            {
                return;
            }

            foreach (ServedModel served in Models)
            {
                Take(served, served.CommandLine, store.Get(served.SettingsKey));
            }

            _settingsStamp = stamp;
        }
    }

    private void Take(ServedModel served, ModelSettings commandLine, ModelSettings persisted)
    {
        if (served.Take(commandLine, persisted))
        {
            _pool.Unload(Instances(served));
        }
    }

    private bool IsRegistered(string name)
    {
        lock (_gate)
        {
            return _models.ContainsKey(name);
        }
    }

    private static string KeyOf(string name, string path) => BuiltInModels.Find(name) == path ? name : Path.GetFullPath(path);

    private string[] Names() => [.. Models.Select(model => model.Name)];
}
