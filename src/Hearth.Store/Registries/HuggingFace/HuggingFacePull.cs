using System.Collections.Concurrent;
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
/// <param name="store">The store.</param>
/// <param name="blobs">Its contents.</param>
/// <param name="downloader">Downloads into it.</param>
internal sealed class HuggingFacePull(ModelStore store, BlobStore blobs, BlobDownloader downloader)
{
    private const int MaxTextBytes = 1 << 20;
    private const int MaxPlainBytes = 64 << 20;

    /// <summary>Pulls.</summary>
    /// <param name="http">The requests to Hugging Face.</param>
    /// <param name="reference">The model.</param>
    /// <param name="options">What is asked for of this pull.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it; what has come stays for the next time.</param>
    /// <exception cref="RegistryException">There is no such model, or it cannot be had.</exception>
    /// <exception cref="ManifestException">The repository has no GGUF model.</exception>
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public async Task<PullResult> RunAsync(RegistryHttp http, ModelReference reference, TransferOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        HubProgress report = new(progress);
        report.Report(TransferStage.Preparing, $"Looking at {reference.Display}");
        HubClient client = new(http, HubToken.Find(options.Token, options.Insecure, http.Options), message => report.Report(TransferStage.Retrying, message));
        HubRepository repository = await client.ReadAsync(reference, cancellationToken);
        HubSelection selection = HubSelection.Choose(repository.Files, reference.Tag, repository.Id);
        HubFile[] files = [.. selection.Files];
        report.Total = files.Sum(file => file.Size);

        using StoreLock adding = store.BeginAdding();
        Dictionary<string, Digest> known = ReadKnownTexts(reference);
        ConcurrentDictionary<HubFile, Digest> digests = new();
        long received = 0;
        bool isCached = true;
        await Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, http.Options.Layers), CancellationToken = cancellationToken },
            async (file, token) =>
            {
                Digest? expected = file.Digest ?? (known.TryGetValue(file.GitId ?? string.Empty, out Digest text) ? text : null);
                if (expected is Digest present && blobs.Contains(present))
                {
                    digests[file] = present;
                    report.Report(TransferStage.LayerCached, file, file.Size, present);
                    return;
                }

                Volatile.Write(ref isCached, false);
                (digests[file], long bytes) = await FetchAsync(client, http, repository, file, report, token);
                Interlocked.Add(ref received, bytes);
                report.Report(TransferStage.LayerDone, file, file.Size, digests[file]);
            });

        report.Report(TransferStage.Finishing, $"Storing {reference.Display}");
        BuiltPackage package = Build(repository, selection, digests);
        blobs.Add(package.Config);
        StoredModel model = store.Commit(package.Manifest, WithRepository(reference, repository.Id));
        return new PullResult(model, isCached, received);
    }

    private async Task<(Digest Digest, long Received)> FetchAsync(HubClient client, RegistryHttp http, HubRepository repository, HubFile file, HubProgress report, CancellationToken cancellationToken)
    {
        try
        {
            if (file.Digest is Digest digest)
            {
                BlobSource source = new(http, client.AddressOf(repository, file), client.Authorization);
                return (digest, await downloader.DownloadAsync(digest, file.Size, source, step => report.Report(step.Stage, file, step.Done, digest, step.Message), cancellationToken));
            }

            if (file.Size > MaxPlainBytes)
            {
                throw new RegistryException(
                    RegistryErrorKind.Invalid, $"'{file.Path}' of '{repository.Id}' has {file.Size} bytes and no SHA-256; files of more than {MaxPlainBytes} bytes have to be kept with Git LFS.");
            }

            report.Report(TransferStage.Transferring, file, 0);
            byte[] content = await client.ReadFileAsync(repository, file, cancellationToken);
            return (blobs.Add(content), content.Length);
        }
        catch (RegistryException exception) when (exception.Kind == RegistryErrorKind.Unauthorized && repository.IsGated)
        {
            throw HubErrors.Gated(http.Options.HuggingFace, repository.Id, client.HasToken, exception);
        }
    }

    private BuiltPackage Build(HubRepository repository, HubSelection selection, ConcurrentDictionary<HubFile, Digest> digests)
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

    private GgufFacts ReadFacts(HubRepository repository, HubSelection selection, ConcurrentDictionary<HubFile, Digest> digests)
    {
        GgufReader read = store.Options.ReadGguf ?? throw new InvalidOperationException($"{nameof(ModelStoreOptions.ReadGguf)} is not set; models of Hugging Face cannot be described without it.");
        string name = $"'{selection.Weights[0].Path}' of '{repository.Id}'";
        GgufFacts facts;
        try
        {
            facts = read([.. selection.Weights.Select(file => blobs.Locate(digests[file]))]);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or StoreException))
        {
            throw new RegistryException(RegistryErrorKind.Invalid, $"{name} is no GGUF file that can be read: {exception.Message}", exception);
        }

        return facts.Type == "model" ? facts : throw new RegistryException(RegistryErrorKind.Invalid, $"{name} is no model, but of the type '{facts.Type}'; choose another file of the repository.");
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
