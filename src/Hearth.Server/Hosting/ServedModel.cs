using Hearth.Engine.Embedding;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Server.Settings;
using Hearth.Store.References;

namespace Hearth.Server.Hosting;

/// <summary>A model under the name that clients use for it: one that continues text, or one that embeds or ranks it.</summary>
public sealed class ServedModel
{
    private readonly Lock _gate = new();
    private readonly ServedModelOptions _basis;
    private readonly GgufPaths _paths;
    private (long Length, DateTime Written) _stamp;
    private ModelHeader _header;

    internal ServedModel(
        string name, GgufPaths paths, string settingsKey, ServedModelOptions basis, ModelSettings commandLine, ModelSettings persisted, DateTimeOffset created)
    {
        Name = name;
        SettingsKey = settingsKey;
        _paths = paths;
        Created = created;
        _basis = basis;
        CommandLine = commandLine;
        Persisted = persisted;
        Options = Effective.ToOptions(basis);
        _header = ModelHeader.Read(paths, Options.Load.Adapters);
        _stamp = Stamp(Path);
        Main = new ModelInstance(name, () => Options.KeepAlive, () => _header.Estimate(Options.Load), Load);
        Beside = IsEmbedder
            ? Main
            : new ModelInstance(name, () => Options.KeepAlive, () => _header.EstimateEmbedding(Options.Load), () => EmbeddingModel.Load(_paths, Options.Load));
        _ = Estimate;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The file, or the first of a split one.</summary>
    public string Path => _paths.First;

    /// <summary>The file, or all parts of a split one.</summary>
    internal GgufPaths Paths => _paths;

    /// <summary>The ID of a model of the store; null for a file.</summary>
    public Digest? Id { get; internal init; }

    /// <summary>Whether its context is one that a request asked for, and not one that was set.</summary>
    internal bool IsContextRaised { get; set; }

    /// <summary>Its name in the file of settings.</summary>
    internal string SettingsKey { get; }

    /// <summary>When it was registered.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>How it is served; a change takes effect when it is loaded the next time.</summary>
    public ServedModelOptions Options { get; private set; }

    /// <summary>What the command line that started the process says of it.</summary>
    public ModelSettings CommandLine { get; private set; }

    /// <summary>What has been set to outlive the process.</summary>
    public ModelSettings Persisted { get; private set; }

    /// <summary>What is set, wherever it comes from.</summary>
    public ModelSettings Effective => CommandLine.Over(Persisted);

    /// <summary>What is in force, with where it comes from.</summary>
    public IReadOnlyList<EffectiveSetting> Describe() => EffectiveSetting.Describe(Header, Options, CommandLine, Persisted, _basis);

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
                _header = ModelHeader.Read(_paths, Options.Load.Adapters);
                _stamp = stamp;
            }
        }
    }

    /// <summary>Checks other settings as if the model were loaded with them; nothing changes.</summary>
    /// <returns>The options, and the memory that the model would need.</returns>
    internal (ServedModelOptions Options, MemoryEstimate Estimate) Check(ModelSettings commandLine, ModelSettings persisted)
    {
        ServedModelOptions options = commandLine.Over(persisted).ToOptions(_basis);
        return (options, ModelHeader.Read(_paths, options.Load.Adapters).Estimate(options.Load));
    }

    /// <summary>Takes other settings.</summary>
    /// <returns>Whether a model that is loaded has to be loaded again for them.</returns>
    internal bool Take(ModelSettings commandLine, ModelSettings persisted)
    {
        lock (_gate)
        {
            ModelSettings before = Effective;
            Options = commandLine.Over(persisted).ToOptions(_basis);
            CommandLine = commandLine;
            Persisted = persisted;
            if (before.LoadsAs(Effective))
            {
                return false;
            }

            _stamp = default;
            return true;
        }
    }

    private IDisposable Load()
    {
        LoadedModel loaded = LoadedModel.Load(_paths, Options.Load);
        return (IDisposable?)loaded.Language ?? loaded.Embedding!;
    }

    private static (long Length, DateTime Written) Stamp(string path) => new FileInfo(path) is { Exists: true } file ? (file.Length, file.LastWriteTimeUtc) : default;
}
