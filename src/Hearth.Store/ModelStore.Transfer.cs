using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Registries.Http;
using Hearth.Store.Registries.HuggingFace;
using Hearth.Store.Registries.Oci;
using Hearth.Store.Storage;
using Hearth.Store.Transfer;

namespace Hearth.Store;

public sealed partial class ModelStore
{
    private RegistryConnections? _connections;

    /// <summary>The connections to registries, which transfers share.</summary>
    internal RegistryConnections Connections => LazyInitializer.EnsureInitialized(ref _connections, () => new RegistryConnections(_options.Registries, _options.Time));

    private RegistryDirectory Registries => new(Connections, _options.Registries);

    /// <summary>Gets a model: what is there already is not fetched, what was broken off goes on, and two pulls of the same are one.</summary>
    /// <exception cref="RegistryException">The registry cannot be used.</exception>
    /// <exception cref="ManifestException">It is of something else than a model.</exception>
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public async Task<PullResult> PullAsync(ModelReference reference, TransferOptions? options = null, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        options ??= new TransferOptions();
        using StoreLock adding = BeginAdding();
        if (reference.Kind == ReferenceKind.HuggingFace)
        {
            RegistryHttp http = Connections.Get(_options.Registries.UseHuggingFace(), options.Insecure);
            return await new HuggingFacePull(this, _blobs, _files, http).RunAsync(reference, options, progress, cancellationToken);
        }

        ModelPuller puller = new(_blobs, _files, Registries, _options.Registries);
        (Manifest manifest, IReadOnlyList<OciRegistry> places) = await puller.FindAsync(reference, options, new ProgressReporter(progress, 0), cancellationToken);
        ProgressReporter reporter = new(progress, manifest.Size);
        long? received = await puller.FetchAsync(manifest, places, reporter, cancellationToken);
        reporter.Report(TransferStage.Finishing, $"Storing {reference.Display}");
        StoredModel model = Commit(manifest, Pin(reference, manifest.Digest));
        return new PullResult(model, received is null, received ?? 0);
    }

    /// <summary>Puts a model into a registry.</summary>
    /// <exception cref="RegistryException">The registry cannot be used.</exception>
    /// <exception cref="StoreException">A content is missing.</exception>
    public Task PushAsync(StoredModel model, ModelReference target, TransferOptions? options = null, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(target);
        return target.Kind == ReferenceKind.HuggingFace
            ? throw new RegistryException(RegistryErrorKind.Refused, "Models are not pushed to Hugging Face, but to registries: 'docker.io/ORGANISATION/NAME', 'registry:5000/NAME'.")
            : new ModelPusher(_blobs, Registries, _options.Registries).PushAsync(GetManifest(model), model.References, target, options ?? new TransferOptions(), progress, cancellationToken);
    }

    /// <summary>The manifest and the config of a model that need not be here.</summary>
    /// <exception cref="RegistryException">The registry cannot be used.</exception>
    /// <exception cref="ManifestException">It is of something else than a model.</exception>
    public async Task<(Manifest Manifest, byte[] Config)> InspectRemoteAsync(ModelReference reference, TransferOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (reference.Kind == ReferenceKind.HuggingFace)
        {
            throw new RegistryException(RegistryErrorKind.Refused, $"Repositories of Hugging Face have no manifest; what is made of '{reference.Display}' can be inspected when it has been pulled.");
        }

        ModelPuller puller = new(_blobs, _files, Registries, _options.Registries);
        (Manifest manifest, IReadOnlyList<OciRegistry> places) = await puller.FindAsync(reference, options ?? new TransferOptions(), new ProgressReporter(null, 0), cancellationToken);
        return (manifest, await ModelPuller.ReadConfigAsync(manifest, places[0], cancellationToken));
    }

    // Where the digest is that of an index, the model is known by the digest of its own manifest.
    private static ModelReference Pin(ModelReference reference, Digest digest) =>
        reference.Digest is null || reference.Digest == digest ? reference : new ModelReference(reference.Kind, reference.Registry, reference.Repository, reference.Tag, digest, null);
}
