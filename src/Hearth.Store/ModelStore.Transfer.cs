using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Registries.Http;
using Hearth.Store.Registries.HuggingFace;
using Hearth.Store.Storage;
using Hearth.Store.Transfer;

namespace Hearth.Store;

public sealed partial class ModelStore
{
    private RegistryConnections? _connections;

    /// <summary>The connections to registries, which transfers share.</summary>
    internal RegistryConnections Connections => LazyInitializer.EnsureInitialized(ref _connections, () => new RegistryConnections(_options.Registries, _options.Time));

    /// <summary>Gets a model: what is there already is not fetched, what was broken off goes on, and two pulls of the same are one.</summary>
    /// <exception cref="RegistryException">The registry cannot be used.</exception>
    /// <exception cref="ManifestException">It is of something else than a model.</exception>
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public Task<PullResult> PullAsync(ModelReference reference, TransferOptions? options = null, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        options ??= new TransferOptions();
        return reference.Kind == ReferenceKind.HuggingFace
            ? new HuggingFacePull(this, _blobs, new BlobDownloader(_blobs, _files)).RunAsync(Connections.Get(_options.Registries.HuggingFace, options.Insecure), reference, options, progress, cancellationToken)
            : throw new NotImplementedException();
    }

    /// <summary>Puts a model into a registry.</summary>
    /// <exception cref="RegistryException">The registry cannot be used.</exception>
    /// <exception cref="StoreException">A content is missing.</exception>
    public Task PushAsync(StoredModel model, ModelReference target, TransferOptions? options = null, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>The manifest and the config of a model that need not be here.</summary>
    /// <exception cref="RegistryException">The registry cannot be used.</exception>
    public Task<(Manifest Manifest, byte[] Config)> InspectRemoteAsync(ModelReference reference, TransferOptions? options = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
