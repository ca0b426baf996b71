using Hearth.Engine.Embedding;
using Hearth.Engine.Scheduling;

namespace Hearth.Server;

/// <summary>A model under the name that clients use for it: one that continues text, or one that embeds or ranks it.</summary>
public sealed class ServedModel : IDisposable
{
    private readonly LanguageModelOptions _options;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private EmbeddingModel? _embedding;
    private bool _disposed;

    internal ServedModel(string name, LoadedModel model, DateTimeOffset created, LanguageModelOptions options)
    {
        Name = name;
        Language = model.Language;
        _embedding = model.Embedding;
        IsEmbedder = model.Embedding is not null;
        Created = created;
        _options = options;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>When it was loaded.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>The model that continues text; null when the file is for embedding or ranking only.</summary>
    public LanguageModel? Language { get; }

    /// <summary>Whether the file is for embedding or ranking.</summary>
    public bool IsEmbedder { get; }

    /// <summary>Whether the file is a reranker.</summary>
    public bool IsRanker => IsEmbedder && _embedding!.CanRank;

    /// <summary>
    /// The model that embeds. A language model gets one over the same mapped file when it is first asked for; it has threads and a cache of
    /// its own, so that it runs beside generation.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The server is stopping.</exception>
    public async Task<EmbeddingModel> GetEmbeddingAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _embedding ??= await Task.Run(() => EmbeddingModel.Load(Language!.Path, _options), CancellationToken.None);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loading.Wait();
        try
        {
            _disposed = true;
            _embedding?.Dispose();
            Language?.Dispose();
        }
        finally
        {
            _loading.Release();
        }
    }
}
