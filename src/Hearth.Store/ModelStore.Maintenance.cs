using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store;

public sealed partial class ModelStore
{
    /// <summary>
    /// Reads every content once and compares it with its digest. What is broken is told, and with <paramref name="repair"/> removed, so that the
    /// next pull fetches it again; files of other programs that are linked to are never touched.
    /// </summary>
    /// <param name="name">What <see cref="Find"/> finds; null for everything.</param>
    /// <param name="repair">Whether to remove what is broken.</param>
    /// <param name="progress">Is told bytes that are done and bytes in all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ModelNotFoundException">There is none of that name, or it may mean several.</exception>
    /// <exception cref="StoreException">What is broken cannot be removed, for the store cannot be changed.</exception>
    public async Task<VerificationResult> VerifyAsync(string? name = null, bool repair = false, IProgress<(long Done, long Total)>? progress = null, CancellationToken cancellationToken = default)
    {
        VerificationResult result;
        using (TryKeepFromRemoval())
        {
            IReadOnlyList<StoredModel> models = name is null ? List() : [Get(name)];
            result = await new Verifier(_catalog, _blobs).RunAsync(models, name is null, progress, cancellationToken);
        }

        if (repair && result.Problems.Count > 0)
        {
            Repair(result.Problems, cancellationToken);
        }

        return result;
    }

    /// <summary>Removes contents that no model uses, downloads that were broken off, and with <paramref name="untagged"/> models without a reference.</summary>
    /// <exception cref="StoreException">Another process adds to the store, a file cannot be removed, or something is broken so that it is not clear what is used.</exception>
    public PruneResult Prune(bool untagged)
    {
        if (!StoreLayout.Check(Folder))
        {
            return new PruneResult([], 0, 0, 0);
        }

        using StoreLock alone = StoreLock.TakeAlone(Folder, _options.LockPatience, _files);
        StoreLayout.Check(Folder);
        List<StoredModel> models = untagged ? [.. List().Where(model => model.References.Count == 0)] : [];
        models.ForEach(model => _catalog.Delete(model.Id));
        Sweep sweep = new(Folder, _catalog, _blobs, _files);
        sweep.RunAll();
        int partials = sweep.RemovePartials();
        return new PruneResult(models, sweep.Contents, partials, sweep.FreedBytes);
    }

    /// <summary>What the store needs of the drive.</summary>
    /// <exception cref="StoreException">The folder cannot be read.</exception>
    public DiskUsage MeasureUsage()
    {
        IReadOnlyList<StoredModel> models = List();
        Dictionary<Digest, int> uses = [];
        foreach (Digest digest in models.Where(model => model.References.Count > 0).SelectMany(ContentsOf))
        {
            uses[digest] = uses.GetValueOrDefault(digest) + 1;
        }

        try
        {
            Dictionary<Digest, long> stored = Catalog.EnumerateDigests(_blobs.BlobFolder).ToDictionary(digest => digest, digest => LengthOf(Path.Combine(_blobs.BlobFolder, digest.Hex)));
            long used = stored.Where(content => uses.ContainsKey(content.Key)).Sum(content => content.Value);
            return new DiskUsage(
                models.Count,
                used,
                stored.Where(content => uses.GetValueOrDefault(content.Key) > 1).Sum(content => content.Value),
                Catalog.EnumerateDigests(_blobs.LinkFolder).Where(digest => !stored.ContainsKey(digest)).Sum(digest => _blobs.TryLocate(digest, out string path) ? LengthOf(path) : 0),
                stored.Values.Sum() - used,
                Directory.Exists(_blobs.PartialFolder) ? Directory.EnumerateFiles(_blobs.PartialFolder).Sum(LengthOf) : 0,
                _files.FreeBytes(Folder));
        }
        catch (Exception exception) when (StoreErrors.Translate(exception, Folder, _files) is StoreException error)
        {
            throw error;
        }
    }

    /// <summary>Moves everything to another folder, maybe on another drive: copied and verified there before anything is removed here.</summary>
    /// <param name="folder">The folder: a new or an empty one, or one where a move of this store was broken off.</param>
    /// <param name="progress">Is told bytes that are copied and bytes in all.</param>
    /// <param name="cancellationToken">Ends it; then everything is as it was.</param>
    /// <returns>The store there, which <see cref="StoreLocation.Models()"/> says from now on if it has said this one.</returns>
    /// <exception cref="StoreException">
    /// The folder is not empty, has too little room, or another process uses the store; or everything is there now, but not all of it could be
    /// removed here.
    /// </exception>
    public async Task<ModelStore> MoveAsync(string folder, IProgress<(long Done, long Total)>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string target = Path.GetFullPath(folder);
        StoreLayout.Check(Folder);
        Mover mover = new(Folder, target, _files);
        mover.CheckTarget();
        using StoreLock alone = StoreLock.TakeAlone(Folder, _options.LockPatience, _files);
        StoreLayout.Check(Folder);
        bool folderWasThere = Directory.Exists(target);
        using (StoreLock.TakeAlone(target, _options.LockPatience, _files))
        {
            mover.CheckTarget();
            try
            {
                await Task.Run(() => mover.Copy(progress, cancellationToken), cancellationToken);
                if (Path.GetFullPath(StoreLocation.Models(_options.HomeFolder)) == Folder)
                {
                    StoreLocation.SetModels(target, _options.HomeFolder, _files);
                }
            }
            catch
            {
                mover.RemoveCopies(folderWasThere);
                throw;
            }
        }

        ModelStore moved = new(target, _options);
        try
        {
            mover.RemoveOriginals();
        }
        catch (StoreException exception)
        {
            throw new StoreException(exception.Kind, $"The models are in '{target}' now, but those in '{Folder}' could not all be removed: {exception.Message}", exception);
        }

        return moved;
    }

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    // A store that cannot be written to can be verified as well; nobody can remove anything from it.
    private StoreLock? TryKeepFromRemoval()
    {
        try
        {
            return Directory.Exists(Folder) ? StoreLock.Share(Folder, _options.LockPatience, _files) : null;
        }
        catch (StoreException exception) when (exception.Kind == StoreErrorKind.Unusable)
        {
            return null;
        }
    }

    private void Repair(IReadOnlyList<VerificationProblem> problems, CancellationToken cancellationToken)
    {
        using StoreLock alone = StoreLock.TakeAlone(Folder, _options.LockPatience, _files);
        List<Digest> brokenReferences = [];
        _catalog.Read(brokenReferences);
        foreach (Digest digest in problems.Select(problem => problem.Digest))
        {
            if (brokenReferences.Contains(digest))
            {
                _catalog.Delete(digest);
            }

            RemoveUnlessSound(_catalog.ManifestPath(digest), digest, cancellationToken);
            RemoveUnlessSound(Path.Combine(_blobs.BlobFolder, digest.Hex), digest, cancellationToken);
            if (File.Exists(_blobs.LinkPath(digest)) && !(_blobs.TryLocate(digest, out string path) && Verifier.IsSound(path, digest, cancellationToken)))
            {
                Delete(_blobs.LinkPath(digest));
            }
        }
    }

    // Looked at again, for others may have repaired it since.
    private void RemoveUnlessSound(string path, Digest digest, CancellationToken cancellationToken)
    {
        bool isSound;
        try
        {
            isSound = !File.Exists(path) || Verifier.IsSound(path, digest, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            isSound = false;
        }

        if (!isSound)
        {
            Delete(path);
        }
    }

    private void Delete(string path) => StoreErrors.Guard(path, _files, () => _files.Delete(path));

    private IEnumerable<Digest> ContentsOf(StoredModel model)
    {
        try
        {
            return GetManifest(model).Blobs.Select(blob => blob.Digest);
        }
        catch (StoreException)
        {
            return [];
        }
    }
}
