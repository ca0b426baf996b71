using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store;

/// <summary>
/// The models of this machine: contents by their digests, manifests byte for byte, and references as small files. It holds nothing in memory,
/// so that any number of processes may use it at once.
/// </summary>
public sealed partial class ModelStore
{
    private readonly ModelStoreOptions _options;
    private readonly StoreFiles _files;
    private readonly BlobStore _blobs;
    private readonly Catalog _catalog;

    /// <summary>The store in a folder, which is made when something is stored.</summary>
    public ModelStore(string folder, ModelStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = Path.GetFullPath(folder);
        _options = options ?? new ModelStoreOptions();
        _files = _options.Files;
        _blobs = new BlobStore(Folder, _files);
        _catalog = new Catalog(Folder, _files);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What the store works with.</summary>
    public ModelStoreOptions Options => _options;

    /// <summary>Reads a user's reference, whose short form means the default registry.</summary>
    /// <exception cref="ReferenceException">It is not one.</exception>
    public ModelReference ParseReference(string text) => ModelReference.Parse(text, _options.Registries.DefaultRegistry);
}
