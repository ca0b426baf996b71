using System.Net.Http.Headers;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Registries.Http;
using Hearth.Store.Registries.Oci;
using Hearth.Store.Storage;

namespace Hearth.Store.Transfer;

/// <summary>Pushes models to registries of the distribution protocol.</summary>
/// <param name="blobs">Where contents are.</param>
/// <param name="directory">Where registries are.</param>
/// <param name="options">How registries are spoken to.</param>
internal sealed class ModelPusher(BlobStore blobs, RegistryDirectory directory, RegistryOptions options)
{
    private const int MaxSources = 2;

    /// <summary>Pushes a model: its contents, and when all of them are there, its manifest.</summary>
    /// <param name="manifest">The model.</param>
    /// <param name="references">Its references, which say where the registry may have its contents already.</param>
    /// <param name="target">Where to.</param>
    /// <param name="transfer">What may differ from one transfer to another.</param>
    /// <param name="progress">Is told of it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">The registry cannot be used.</exception>
    /// <exception cref="StoreException">A content is missing.</exception>
    public async Task PushAsync(Manifest manifest, IEnumerable<ModelReference> references, ModelReference target, TransferOptions transfer, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        if (target.Digest is Digest wanted && wanted != manifest.Digest)
        {
            throw new RegistryException(RegistryErrorKind.Invalid, $"The model is {manifest.Digest} and cannot be pushed as {wanted}; push it to a tag.");
        }

        ProgressReporter reporter = new(progress, manifest.Size);
        reporter.Report(TransferStage.Preparing, $"Preparing to push to {target.Display}");
        Dictionary<Digest, string> paths = manifest.Blobs.ToDictionary(blob => blob.Digest, LocateWhole);
        string[] sources = [.. references.Where(reference => reference.Kind == target.Kind && reference.Registry == target.Registry && reference.Repository != target.Repository)
            .Select(reference => reference.Repository).Distinct().Take(MaxSources)];
        OciRegistry registry = await directory.ForPushAsync(target, sources, transfer, cancellationToken);
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = Math.Max(1, options.Layers), CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(manifest.Blobs, parallel, async (blob, token) =>
        {
            Action<BlobProgress> report = reporter.Of(blob.Digest, blob.Size, "Uploading");
            bool isSent = await new BlobUpload(registry, blob, paths[blob.Digest], sources, report).RunAsync(token);
            report(isSent
                ? new BlobProgress(TransferStage.LayerDone, blob.Size, $"{blob.Digest.Abbreviated} is complete")
                : new BlobProgress(TransferStage.LayerCached, blob.Size, $"{blob.Digest.Abbreviated} is there already"));
        });
        reporter.Report(TransferStage.Finishing, "Pushing the manifest");
        await PutManifestAsync(registry, manifest, target, message => reporter.Report(TransferStage.Retrying, message), cancellationToken);
    }

    private static async Task PutManifestAsync(OciRegistry registry, Manifest manifest, ModelReference target, Action<string> onRetry, CancellationToken cancellationToken)
    {
        RegistryRequest put = new(HttpMethod.Put, registry.Address($"manifests/{target.Tag ?? manifest.Digest.ToString()}"))
        {
            Authorization = registry.Authorization,
            Content = () =>
            {
                ReadOnlyMemoryContent content = new(manifest.Bytes);
                content.Headers.ContentType = new MediaTypeHeaderValue(manifest.MediaType);
                return content;
            },
            OnRetry = onRetry,
        };
        using HttpResponseMessage answer = await registry.Http.SendAsync(put, cancellationToken);
        if (answer.Headers.TryGetValues("Docker-Content-Digest", out IEnumerable<string>? values) && Digest.TryParse(values.FirstOrDefault(), out Digest stored) && stored != manifest.Digest)
        {
            throw new RegistryException(RegistryErrorKind.Invalid, $"{RegistryHttp.Redact(put.Address)} has stored {stored}; expected {manifest.Digest}.");
        }
    }

    private string LocateWhole(Descriptor blob)
    {
        string path = blobs.Locate(blob.Digest);
        return new FileInfo(path).Length == blob.Size
            ? path
            : throw new StoreException(StoreErrorKind.Corrupt, $"'{path}' has {new FileInfo(path).Length} bytes; expected {blob.Size}. 'hearth verify --repair' and another pull mend it.");
    }
}
