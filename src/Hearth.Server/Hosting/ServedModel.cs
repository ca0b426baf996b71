using Hearth.Engine.Embedding;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;

namespace Hearth.Server.Hosting;

/// <summary>A model under the name that clients use for it: one that continues text, or one that embeds or ranks it.</summary>
public sealed class ServedModel
{
    private readonly Lock _gate = new();
    private (long Length, DateTime Written) _stamp;
    private ModelHeader _header;

    internal ServedModel(string name, string path, ServedModelOptions options, DateTimeOffset created)
    {
        Name = name;
        Path = path;
        Created = created;
        Options = options;
        _header = ModelHeader.Read(path, options.Load.Adapters);
        _stamp = Stamp(path);
        Main = new ModelInstance(name, () => Options.KeepAlive, () => _header.Estimate(Options.Load), Load);
        Beside = IsEmbedder
            ? Main
            : new ModelInstance(name, () => Options.KeepAlive, () => _header.EstimateEmbedding(Options.Load), () => EmbeddingModel.Load(Path, Options.Load));
        _ = Estimate;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The file, or the first of a split one.</summary>
    public string Path { get; }

    /// <summary>When it was registered.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>How it is served; a change takes effect when it is loaded the next time.</summary>
    public ServedModelOptions Options { get; internal set; }

    /// <summary>What the file's header says.</summary>
    public ModelHeader Header => _header;

    /// <summary>The memory that it needs, as far as its file is made for.</summary>
    public MemoryEstimate Estimate => Header.Estimate(Options.Load);

    /// <summary>Whether the file is for embedding or ranking.</summary>
    public bool IsEmbedder => Header.IsEmbedder;

    /// <summary>Whether the file is a reranker.</summary>
    public bool IsRanker => Header.IsRanker;

    /// <summary>The model that the file is made for.</summary>
    internal ModelInstance Main { get; }

    /// <summary>
    /// The model that embeds. A language model has one beside it, over the same mapped file; it has threads and a cache of its own, so that
    /// it runs beside generation.
    /// </summary>
    internal ModelInstance Beside { get; }

    /// <summary>Reads the header again if the file has changed, so that nothing is given up for a model that cannot be loaded.</summary>
    internal void Refresh()
    {
        lock (_gate)
        {
            (long Length, DateTime Written) stamp = Stamp(Path);
            if (stamp != _stamp)
            {
                _header = ModelHeader.Read(Path, Options.Load.Adapters);
                _stamp = stamp;
            }
        }
    }

    private IDisposable Load()
    {
        LoadedModel loaded = LoadedModel.Load(Path, Options.Load);
        return (IDisposable?)loaded.Language ?? loaded.Embedding!;
    }

    private static (long Length, DateTime Written) Stamp(string path) => new FileInfo(path) is { Exists: true } file ? (file.Length, file.LastWriteTimeUtc) : default;
}
