using Hearth.Engine.Gguf;
using Hearth.Server;
using Hearth.Server.Hosting;
using Hearth.Server.Models;
using Hearth.Server.Settings;
using Hearth.Store.Manifests;
using Hearth.Store.Storage;

namespace Hearth.Cli.Models;

/// <summary>A model that a user's word means.</summary>
internal sealed record ResolvedModel
{
    /// <summary>The name to show and to serve it under.</summary>
    public required string Name { get; init; }

    /// <summary>Where its weights are.</summary>
    public required GgufPaths Weights { get; init; }

    /// <summary>Its name in the settings.</summary>
    public required string SettingsKey { get; init; }

    /// <summary>The model of the store; null for a file.</summary>
    public StoredModel? Stored { get; init; }

    /// <summary>What was packaged with it; null for a file.</summary>
    public ModelContent? Content { get; init; }

    /// <summary>How it is run as it is packaged; null for a file.</summary>
    /// <param name="warn">Is told of parameters that are not used.</param>
    public ServedModelOptions? Packaged(Action<string>? warn = null) => Content is null ? null : PackagedDefaults.Read(Content, warn);

    /// <summary>A file, or a model that Hearth brings along.</summary>
    public static ResolvedModel OfFile(string word) => new()
    {
        Name = BuiltInModels.NameOf(word),
        Weights = BuiltInModels.Resolve(word),
        SettingsKey = SettingsStore.KeyOf(word),
    };
}
