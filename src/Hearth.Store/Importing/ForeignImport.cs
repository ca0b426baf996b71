using System.Buffers;
using System.Security.Cryptography;
using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Importing;

/// <summary>Takes models of other programs.</summary>
/// <param name="store">The store.</param>
/// <param name="blobs">Its contents.</param>
/// <param name="files">Says how much room there is.</param>
internal sealed class ForeignImport(ModelStore store, BlobStore blobs, StoreFiles files)
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Takes a model.</summary>
    /// <exception cref="StoreException">A file has gone, or is not what its digest says, or cannot be stored.</exception>
    /// <exception cref="ManifestException">It is of something else than a model.</exception>
    /// <exception cref="PackageException">It is no GGUF model that can be read.</exception>
    public async Task<StoredModel> RunAsync(
        ForeignModel model, bool link, IProgress<(long Done, long Total)>? progress, CancellationToken cancellationToken)
    {
        Manifest? manifest = model.HasManifest ? ReadManifest(model) : null;
        using StoreLock adding = store.BeginAdding();
        if (!link)
        {
            IEnumerable<ForeignFile> missing = model.Files.Where(file => file.Digest is not Digest digest || !blobs.Contains(digest));
            StoreErrors.RequireRoom(blobs.PartialFolder, files, missing.Sum(file => file.Size));
        }

        long total = model.Files.Sum(file => file.Size), done = 0;
        List<Digest> digests = [];
        foreach (ForeignFile file in model.Files)
        {
            long start = done;
            Counter counter = new(bytes => progress?.Report((start + bytes, total)));
            bool isConfig = manifest is not null && file.Digest == manifest.Config.Digest;
            digests.Add(await TakeAsync(file, link && !isConfig, counter, cancellationToken));
            done += file.Size;
            progress?.Report((done, total));
        }

        return manifest is not null ? store.Commit(manifest, model.Reference) : store.Commit(Package(model, digests), model.Reference);
    }

    private static Manifest ReadManifest(ForeignModel model)
    {
        byte[] bytes = ForeignFiles.Try(() => ForeignFiles.ReadSmall(model.Location, Manifest.MaxBytes)) ?? throw Gone(model.Location);
        Manifest manifest = Manifest.Read(bytes);
        ModelInterpreter.Check(manifest);
        return manifest.Blobs.All(blob => model.Files.Any(file => file.Digest == blob.Digest)) ? manifest : throw new StoreException(
            StoreErrorKind.Missing, $"'{model.Location}' has changed since the model was found; look for it again.");
    }

    private async Task<Digest> TakeAsync(ForeignFile file, bool link, IProgress<long> progress, CancellationToken cancellationToken)
    {
        if (file.Digest is Digest known && blobs.Contains(known))
        {
            return known;
        }

        if (ForeignFiles.Try(() => ForeignFiles.Plain(file.Path)) is not FileInfo found)
        {
            throw Gone(file.Path);
        }

        await using FileStream content = Open(file.Path);
        if (!link)
        {
            return (await blobs.AddAsync(content, file.Digest, progress, cancellationToken)).Digest;
        }

        Digest digest = await HashAsync(content, progress, cancellationToken);
        if (file.Digest is Digest wanted && wanted != digest)
        {
            throw Corrupt($"'{file.Path}' is {digest}, but should be {wanted}; get the model again with the program that has it.");
        }

        FileInfo now = new(file.Path);
        if (!now.Exists || now.Length != found.Length || now.LastWriteTimeUtc != found.LastWriteTimeUtc)
        {
            throw Corrupt($"'{file.Path}' has been changed while it was read; try again when the other program is done.");
        }

        if (!blobs.Contains(digest))
        {
            blobs.Link(digest, file.Path);
        }

        return digest;
    }

    private BuiltPackage Package(ForeignModel model, List<Digest> digests)
    {
        ILookup<string, PackagedFile> layers = model.Files.Zip(digests, (file, digest) => (file, digest))
            .ToLookup(pair => pair.file.MediaType, pair => new PackagedFile(pair.digest, pair.file.Size, pair.file.Name));
        PackagedFile[] weights = [.. layers[MediaTypes.Gguf]];
        return PackageBuilder.BuildDocker(new PackageContents
        {
            Weights = weights,
            Facts = store.ReadWeights([.. weights.Select(file => blobs.Locate(file.Digest))], model.Location),
            Created = DateTimeOffset.FromUnixTimeSeconds(model.Updated.ToUnixTimeSeconds()),
            Projector = layers[MediaTypes.Projector].FirstOrDefault(),
            ChatTemplate = layers[MediaTypes.ChatTemplate].FirstOrDefault(),
            Licenses = [.. layers[MediaTypes.License]],
        });
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Gone(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreErrorKind.Unusable, $"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private static async Task<Digest> HashAsync(FileStream content, IProgress<long> progress, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0; progress.Report(content.Position))
            {
                hash.AppendData(buffer, 0, read);
            }

            return Digest.FromHash(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static StoreException Corrupt(string message) => new(StoreErrorKind.Corrupt, message);

    private static StoreException Gone(string path) =>
        new(StoreErrorKind.Missing, $"'{path}' has gone since the model was found; look for it again.");

    /// <summary>Tells of progress at once, on the thread that makes it.</summary>
    private sealed class Counter(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
