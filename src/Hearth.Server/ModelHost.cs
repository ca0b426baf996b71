using System.Collections.Concurrent;
using Hearth.Engine.Embedding;
using Hearth.Engine.Scheduling;
using Hearth.Server.Errors;

namespace Hearth.Server;

/// <summary>The models that a process has loaded, each under the name that clients use for it.</summary>
public sealed class ModelHost : IDisposable
{
    private readonly ConcurrentDictionary<string, ServedModel> _models = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly TimeProvider _time;

    /// <summary>A host without models.</summary>
    public ModelHost(TimeProvider? time = null) => _time = time ?? TimeProvider.System;

    /// <summary>The models, in the order in which they were added.</summary>
    public IEnumerable<ServedModel> Models => _names.Select(name => _models[name]);

    /// <summary>Loads a model of whatever kind the file holds, and serves it.</summary>
    /// <param name="name">The name that clients use.</param>
    /// <param name="path">A GGUF file, or the first of a split one.</param>
    /// <param name="options">How to load it.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <inheritdoc cref="LoadedModel.Load" path="/exception"/>
    public ServedModel Load(string name, string path, LanguageModelOptions? options = null)
    {
        options ??= new LanguageModelOptions();
        if (_models.ContainsKey(name))
        {
            throw new ArgumentException($"A model named '{name}' is served already.", nameof(name));
        }

        ServedModel served = new(name, LoadedModel.Load(path, options), _time.GetUtcNow(), options);
        _models[name] = served;
        _names.Add(name);
        return served;
    }

    /// <summary>The model of a name.</summary>
    /// <exception cref="ApiException">No such model.</exception>
    public ServedModel Find(string name) => _models.TryGetValue(name, out ServedModel? model) ? model : throw ApiException.ModelNotFound(name, _names);

    /// <summary>The model of a name, to continue text; without a name, the first that can.</summary>
    /// <exception cref="ApiException">No such model, or it cannot.</exception>
    internal (ServedModel Served, LanguageModel Model) FindLanguage(string? name)
    {
        ServedModel? served = name is null ? Models.FirstOrDefault(model => model.Language is not null) : Find(name);
        return served?.Language is LanguageModel model ? (served, model)
            : served is not null ? throw ApiException.WrongModel(served.Name, "embeds or ranks text and cannot continue it; use /v1/embeddings or /v1/rerank, or a chat model")
            : throw ApiException.NoModel("continues text", _names);
    }

    /// <summary>
    /// The model of a name, to embed; without a name, the first that is for embedding, else the first that continues text.
    /// </summary>
    /// <exception cref="ApiException">No such model, or it cannot.</exception>
    internal async Task<(ServedModel Served, EmbeddingModel Model)> FindEmbeddingAsync(string? name, CancellationToken cancellationToken)
    {
        ServedModel? served = name is not null ? Find(name)
            : Models.FirstOrDefault(model => model is { IsEmbedder: true, IsRanker: false }) ?? Models.FirstOrDefault(model => !model.IsEmbedder) ?? Models.FirstOrDefault();
        EmbeddingModel embedding = await (served ?? throw ApiException.NoModel("embeds text", _names)).GetEmbeddingAsync(cancellationToken);
        return embedding.Pooling switch
        {
            PoolingKind.Rank => throw ApiException.WrongModel(served.Name, "is a reranker and has no embeddings; use /v1/rerank, or an embedding model"),
            PoolingKind.None => throw ApiException.WrongModel(served.Name, "gives one vector for each token (its header's pooling is none), not one for a text; use another model"),
            _ => (served, embedding),
        };
    }

    /// <summary>The model of a name, to rank; without a name, the first that can.</summary>
    /// <exception cref="ApiException">No such model, or it cannot.</exception>
    internal async Task<(ServedModel Served, EmbeddingModel Model)> FindRankingAsync(string? name, CancellationToken cancellationToken)
    {
        ServedModel? served = name is null ? Models.FirstOrDefault(model => model.IsRanker) : Find(name);
        return served is null ? throw ApiException.NoModel("ranks text", _names)
            : served.IsRanker ? (served, await served.GetEmbeddingAsync(cancellationToken))
            : throw ApiException.WrongModel(served.Name, "has no classifier and cannot rank; use a reranker");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ServedModel model in _models.Values)
        {
            model.Dispose();
        }

        _models.Clear();
        _names.Clear();
    }
}
