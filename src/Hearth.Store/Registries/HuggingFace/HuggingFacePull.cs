using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Registries.Http;
using Hearth.Store.Storage;
using Hearth.Store.Transfer;

namespace Hearth.Store.Registries.HuggingFace;

/// <summary>
/// Pulls a model from Hugging Face: one of the GGUF models of a repository, with what lies beside it, stored in Docker's format. It was made when
/// the repository was last changed, so that the same content has the same ID everywhere.
/// </summary>
/// <param name="store">The store, which is being added to.</param>
/// <param name="blobs">Its contents.</param>
/// <param name="files">How its files are changed.</param>
/// <param name="http">The requests to Hugging Face.</param>
internal sealed class HuggingFacePull(ModelStore store, BlobStore blobs, StoreFiles files, RegistryHttp http)
{
    private const int MaxTextBytes = 1 << 20;
    private const int MaxPlainBytes = 16 << 20;
    private readonly BlobDownloader _downloader = new(blobs, files);

    /// <summary>Pulls.</summary>
    /// <param name="reference">The model.</param>
    /// <param name="options">What is asked for of this pull.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it; what has come stays for the next time.</param>
    /// <exception cref="RegistryException">There is no such model, or it cannot be had.</exception>
    /// <exception cref="ManifestException">The repository has no GGUF model.</exception>
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public async Task<PullResult> RunAsync(
        ModelReference reference, TransferOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        ProgressReporter reporter = new(progress, 0);
        reporter.Report(TransferStage.Preparing, $"Looking for {reference.Display}");
        string? token = HubToken.Find(options.Token, options.Insecure, http.Options);
        HubClient client = new(http, token, message => reporter.Report(TransferStage.Retrying, message));
        HubRepository repository = await client.ReadAsync(reference, cancellationToken);
        HubSelection selection = HubSelection.Choose(repository.Files, reference.Tag, repository.Id);

        Dictionary<string, Digest> texts = ReadKnownTexts(reference);
        Dictionary<HubFile, Digest> digests = [];
        foreach (HubFile file in selection.Files)
        {
            Digest? digest = file.Digest ?? (texts.TryGetValue(file.GitId ?? string.Empty, out Digest text) ? text : null);
            if (digest is Digest known && blobs.Contains(known))
            {
                digests[file] = known;
            }
        }

        reporter = new ProgressReporter(progress, selection.Files.Sum(file => file.Size));
        long? received = await FetchAsync(client, repository, selection, digests, reporter, cancellationToken);
        reporter.Report(TransferStage.Finishing, $"Storing {reference.Display}");
        StoredModel model = store.Commit(Build(repository, selection, digests), WithRepository(reference, repository.Id));
        return new PullResult(model, received is null, received ?? 0);
    }

    // Null when everything was there.
    private async Task<long?> FetchAsync(
        HubClient client,
        HubRepository repository,
        HubSelection selection,
        Dictionary<HubFile, Digest> digests,
        ProgressReporter reporter,
        CancellationToken cancellationToken)
    {
        foreach ((HubFile file, Digest digest) in digests)
        {
            reporter.Report(TransferStage.LayerCached, $"{file.Name} is here already", digest, file.Size, file.Size, file.Name);
        }

        HubFile[] missing = [.. selection.Files.Where(file => !digests.ContainsKey(file))];
        if (missing.Length == 0)
        {
            return null;
        }

        long MissingBytes(HubFile file) => file.Size - (file.Digest is Digest digest ? _downloader.Measure(digest, file.Size) : 0);
        StoreErrors.RequireRoom(blobs.PartialFolder, files, missing.Sum(MissingBytes));
        long received = 0;
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = Math.Max(1, http.Options.Layers), CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(missing, parallel, async (file, token) =>
        {
            (Digest digest, long bytes) = await FetchAsync(client, repository, file, reporter, token);
            lock (digests)
            {
                digests[file] = digest;
            }

            Interlocked.Add(ref received, bytes);
            reporter.Report(TransferStage.LayerDone, $"{file.Name} is complete", digest, file.Size, file.Size, file.Name);
        });
        return received;
    }

    private async Task<(Digest Digest, long Received)> FetchAsync(
        HubClient client, HubRepository repository, HubFile file, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        try
        {
            if (file.Digest is Digest digest)
            {
                BlobSource source = new(http, client.AddressOf(repository, file), client.Authorization);
                Action<BlobProgress> report = reporter.Of(digest, file.Size, "Downloading", file.Name);
                return (digest, await _downloader.DownloadAsync(digest, file.Size, source, report, cancellationToken));
            }

            if (file.Size > MaxPlainBytes)
            {
                throw new RegistryException(
                    RegistryErrorKind.Invalid,
                    $"'{file.Path}' of '{repository.Id}' has {file.Size} bytes; files of more than {MaxPlainBytes} have to be kept with Git LFS.");
            }

            reporter.Report(TransferStage.Transferring, $"Downloading {file.Name}", layer: null, file.Size, 0, file.Name);
            byte[] content = await client.ReadFileAsync(repository, file, cancellationToken);
            return (blobs.Add(content), content.Length);
        }
        catch (RegistryException exception) when (exception.Kind == RegistryErrorKind.Unauthorized && repository.IsGated)
        {
            throw client.Errors.Gated(repository.Id, exception);
        }
    }

    private BuiltPackage Build(HubRepository repository, HubSelection selection, Dictionary<HubFile, Digest> digests)
    {
        PackagedFile Take(HubFile file) => new(digests[file], file.Size, file.Path);
        return PackageBuilder.BuildDocker(new PackageContents
        {
            Weights = [.. selection.Weights.Select(Take)],
            Facts = ReadFacts(repository, selection, digests),
            Created = repository.LastModified,
            Projector = selection.Projector is HubFile projector ? Take(projector) : null,
            ChatTemplate = selection.ChatTemplate is HubFile template ? Take(template) : null,
            Licenses = [.. selection.Licenses.Select(Take)],
        });
    }

    private GgufFacts ReadFacts(HubRepository repository, HubSelection selection, Dictionary<HubFile, Digest> digests)
    {
        try
        {
            return store.ReadWeights([.. selection.Weights.Select(file => blobs.Locate(digests[file]))], selection.Weights[0].Path);
        }
        catch (PackageException exception)
        {
            throw new RegistryException(RegistryErrorKind.Invalid, $"'{repository.Id}' has no such model: {exception.Message}", exception);
        }
    }

    // Hugging Face gives no SHA-256 of small files: those of the stored model are known again by the names of their Git objects.
    private Dictionary<string, Digest> ReadKnownTexts(ModelReference reference)
    {
        Dictionary<string, Digest> texts = [];
        try
        {
            IEnumerable<Descriptor> layers = store.Find(reference.ToString()) is StoredModel stored ? store.GetManifest(stored).Layers : [];
            foreach (Descriptor layer in layers.Where(layer => layer.Size <= MaxTextBytes && blobs.Contains(layer.Digest)))
            {
                texts[HubClient.GitId(blobs.ReadAll(layer.Digest, MaxTextBytes))] = layer.Digest;
            }
        }
        catch (Exception exception) when (exception is StoreException or ModelNotFoundException or ManifestException or IOException)
        {
            // What is stored is broken: all of it is fetched anew.
        }

        return texts;
    }

    private static ModelReference WithRepository(ModelReference reference, string repository) =>
        new(reference.Kind, reference.Registry, repository, reference.Tag, null, reference.Revision);
}
