using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Registries.Oci;
using Hearth.Store.Storage;

namespace Hearth.Store.Transfer;

/// <summary>Pulls models from registries of the distribution protocol, Ollama's among them.</summary>
/// <param name="blobs">Where contents go.</param>
/// <param name="files">How files are changed.</param>
/// <param name="directory">Where registries are.</param>
/// <param name="options">How registries are spoken to.</param>
internal sealed class ModelPuller(BlobStore blobs, StoreFiles files, RegistryDirectory directory, RegistryOptions options)
{
    private readonly BlobDownloader _downloader = new(blobs, files);

    /// <summary>Finds a model's manifest, and the places that may have its contents, the one with the manifest first.</summary>
    /// <exception cref="RegistryException">No place has it.</exception>
    /// <exception cref="ManifestException">It is of something else than a model.</exception>
    public async Task<(Manifest Manifest, IReadOnlyList<OciRegistry> Places)> FindAsync(ModelReference reference, TransferOptions transfer, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        reporter.Report(TransferStage.Preparing, $"Looking for {reference.Display}");
        IReadOnlyList<OciRegistry> places = await directory.ForPullAsync(reference, transfer, cancellationToken);
        for (int i = 0; ; i++)
        {
            try
            {
                return (await ManifestFinder.FindAsync(places[i], reference, message => reporter.Report(TransferStage.Retrying, message), cancellationToken), [.. places.Skip(i)]);
            }
            catch (RegistryException exception) when (i < places.Count - 1)
            {
                reporter.Report(TransferStage.Retrying, $"{exception.Message} Asking the next place.");
            }
            catch (RegistryException exception) when (exception.Kind == RegistryErrorKind.NotFound)
            {
                throw new RegistryException(exception.Kind, $"There is no model '{reference.Display}' at {reference.Registry}: {exception.Message}", exception);
            }
        }
    }

    /// <summary>Fetches the config, and then the layers, that are not there yet.</summary>
    /// <returns>Bytes that came over the network; null when everything was there.</returns>
    /// <exception cref="RegistryException">A content cannot be fetched.</exception>
    /// <exception cref="ManifestException">The config is broken.</exception>
    /// <exception cref="StoreException">There is no room.</exception>
    public async Task<long?> FetchAsync(Manifest manifest, IReadOnlyList<OciRegistry> places, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        ILookup<bool, Descriptor> contents = manifest.Blobs.ToLookup(blob => blobs.Contains(blob.Digest));
        if (!contents[false].Any())
        {
            return null;
        }

        StoreErrors.RequireRoom(blobs.PartialFolder, files, contents[false].Sum(blob => blob.Size - _downloader.Measure(blob.Digest, blob.Size)));
        long received = 0;
        if (!blobs.Contains(manifest.Config.Digest))
        {
            received += await DownloadAsync(manifest.Config, places, reporter, cancellationToken);
        }

        ModelInterpreter.ReadFacts(manifest, blobs.ReadAll(manifest.Config.Digest, ConfigReader.MaxBytes));
        foreach (Descriptor cached in contents[true].Where(blob => blob.Digest != manifest.Config.Digest))
        {
            reporter.Report(TransferStage.LayerCached, $"{cached.Digest.Abbreviated} is here already", cached.Digest, cached.Size, cached.Size);
        }

        ParallelOptions parallel = new() { MaxDegreeOfParallelism = Math.Max(1, options.Layers), CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(contents[false].Where(blob => blob.Digest != manifest.Config.Digest), parallel, async (layer, token) =>
            Interlocked.Add(ref received, await DownloadAsync(layer, places, reporter, token)));
        return received;
    }

    /// <summary>Gets a config, which need not be stored.</summary>
    /// <exception cref="RegistryException">It cannot be fetched, or is something else.</exception>
    public static async Task<byte[]> ReadConfigAsync(Manifest manifest, OciRegistry place, CancellationToken cancellationToken)
    {
        Registries.Http.RegistryRequest request = new(HttpMethod.Get, place.AddressOf(manifest.Config.Digest)) { Authorization = place.Authorization };
        (_, byte[] config) = await place.Http.ReadAsync(request, ConfigReader.MaxBytes, cancellationToken);
        return Digest.Of(config) is Digest found && found == manifest.Config.Digest
            ? config
            : throw new RegistryException(RegistryErrorKind.Invalid, $"{Registries.Http.RegistryHttp.Redact(request.Address)} sends {found}; expected {manifest.Config.Digest}.");
    }


    private async Task<long> DownloadAsync(Descriptor blob, IReadOnlyList<OciRegistry> places, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        Action<BlobProgress> report = reporter.Of(blob.Digest, blob.Size, "Downloading");
        for (int i = 0; ; i++)
        {
            try
            {
                BlobSource source = new(places[i].Http, places[i].AddressOf(blob.Digest), places[i].Authorization);
                long received = await _downloader.DownloadAsync(blob.Digest, blob.Size, source, report, cancellationToken);
                report(new BlobProgress(TransferStage.LayerDone, blob.Size, $"{blob.Digest.Abbreviated} is complete"));
                return received;
            }
            catch (RegistryException exception) when (i < places.Count - 1)
            {
                report(new BlobProgress(TransferStage.Retrying, 0, $"{exception.Message} Asking the next place."));
            }
        }
    }
}
