using Hearth.Engine.Gguf;
using Hearth.Store;
using Hearth.Store.Packaging;
using Hearth.Store.Registries;

namespace Hearth.Server.Models;

/// <summary>Opens model stores that can read GGUF files.</summary>
public static class StoreFactory
{
    // As Docker's program does: longer lists are vocabularies.
    private const int MaxItems = 50;
    private const int MaxCharacters = 64 * 1024;

    /// <summary>The store of this user, with registries as the environment says.</summary>
    public static ModelStore OpenDefault() => Open(StoreLocation.Models(), RegistryOptions.FromEnvironment());

    /// <summary>A store.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="registries">How registries are spoken to.</param>
    public static ModelStore Open(string folder, RegistryOptions registries) => new(folder, new ModelStoreOptions { ReadGguf = Read, Registries = registries });

    /// <summary>The same store for those who ask from other machines: they cannot have it connect to registries of this network that nobody here has named.</summary>
    public static ModelStore? WithoutPrivateRegistries(ModelStore? store) => store is null ? null
        : new ModelStore(store.Folder, store.Options with { Registries = store.Options.Registries with { RefusesPrivateRegistries = true } });

    /// <summary>What GGUF files say of themselves.</summary>
    /// <inheritdoc cref="GgufReader" path="/param"/>
    /// <exception cref="GgufException">They cannot be read, or something in them is not as it must be.</exception>
    public static GgufFacts Read(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        using GgufFile file = paths.Count == 1 ? GgufFile.Open(paths[0]) : GgufFile.Open(paths);
        GgufSummary summary = GgufSummary.Describe(file);
        return new GgufFacts
        {
            Paths = file.Paths,
            Type = file.Metadata.GetString("general.type") ?? "model",
            Architecture = summary.Architecture,
            Parameters = summary.Parameters,
            FileType = summary.FileType,
            Bytes = summary.FileLength,
            ContextLength = summary.ContextLength,
            EmbeddingLength = summary.EmbeddingLength,
            ChatTemplate = file.Metadata.GetString("tokenizer.chat_template"),
            Metadata = file.Metadata.Where(entry => entry.Value.Length <= MaxItems).ToDictionary(entry => entry.Key, entry => entry.Value.ToText(MaxItems, MaxCharacters)),
        };
    }
}
