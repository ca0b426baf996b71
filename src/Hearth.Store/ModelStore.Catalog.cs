using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store;

public sealed partial class ModelStore
{
    private static readonly TimeSpan s_stampResolution = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_removalPatience = TimeSpan.FromSeconds(1);

    /// <summary>All models, by their names; those without a reference last.</summary>
    /// <exception cref="StoreException">The folder cannot be read, or is no store that this Hearth knows.</exception>
    public IReadOnlyList<StoredModel> List()
    {
        StoreLayout.Check(Folder);
        return ModelFinder.Group(_catalog.Read());
    }

    /// <summary>
    /// Finds a model by a reference in any form, by its ID or the first 12 or more digits of it, or by the last part of its repository where that
    /// means one model only.
    /// </summary>
    /// <returns>The model; null when there is none.</returns>
    /// <exception cref="ModelNotFoundException">It may mean several.</exception>
    /// <exception cref="StoreException">The folder cannot be read, or is no store that this Hearth knows.</exception>
    public StoredModel? Find(string name) => ModelFinder.Find(List(), name, _options.Registries.DefaultRegistry)?.Model;

    /// <summary>
    /// When a reference was last made, changed or removed, by whichever process: what <see cref="List"/> and <see cref="Find"/> say holds as long
    /// as this stays the same. Null while it may change once more without showing, within the resolution of the file system's times.
    /// </summary>
    public DateTime? GetStamp()
    {
        DateTime written = Directory.GetLastWriteTimeUtc(_catalog.ReferenceFolder);
        return _options.Time.GetUtcNow().UtcDateTime - written > s_stampResolution ? written : null;
    }

    /// <summary>The model of a name, as <see cref="Find"/> finds it.</summary>
    /// <exception cref="ModelNotFoundException">There is none, or it may mean several.</exception>
    public StoredModel Get(string name) => Find(name) ?? throw new ModelNotFoundException(name);

    /// <summary>The manifest of a model.</summary>
    /// <exception cref="StoreException">It is missing or broken.</exception>
    public Manifest GetManifest(StoredModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return _catalog.ReadManifest(model.Id);
    }

    /// <summary>Where the files of a model are, and what was packaged beside them.</summary>
    /// <exception cref="StoreException">A content is missing.</exception>
    /// <exception cref="ManifestException">It is of a kind that Hearth does not know.</exception>
    public ModelContent Open(StoredModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return ModelInterpreter.Open(GetManifest(model), model.Facts, _blobs.Locate, _blobs.ReadAll);
    }

    /// <summary>Gives a model one more reference; a model that had it loses it.</summary>
    /// <exception cref="ReferenceException">The target has a digest instead of a tag.</exception>
    /// <exception cref="ModelNotFoundException">The model has been removed meanwhile.</exception>
    /// <exception cref="StoreException">It cannot be written.</exception>
    public void Tag(StoredModel model, ModelReference target)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(target);
        if (target.Digest is not null)
        {
            throw new ReferenceException(target.ToString(), "a model is given a name with a tag, and not with a digest");
        }

        using StoreLock adding = BeginAdding();
        if (!File.Exists(_catalog.ManifestPath(model.Id)))
        {
            throw new ModelNotFoundException(model.DisplayName);
        }

        _catalog.Write(target, new ReferenceRecord(null, model.Id.ToString(), model.Size, _options.Time.GetUtcNow(), model.Facts));
    }

    /// <summary>
    /// Removes a reference, and with the last one the model; by ID, the model with all its references. Contents that no other model uses go.
    /// </summary>
    /// <param name="name">What <see cref="Find"/> finds.</param>
    /// <param name="force">Whether a model may be removed by its ID though it has several references.</param>
    /// <exception cref="ModelNotFoundException">There is none, or it may mean several.</exception>
    /// <exception cref="ModelInUseException">It has several references, and is named by its ID.</exception>
    /// <exception cref="StoreException">A reference cannot be removed.</exception>
    public RemovalResult Remove(string name, bool force = false)
    {
        FoundModel found = ModelFinder.Find(List(), name, _options.Registries.DefaultRegistry) ?? throw new ModelNotFoundException(name);
        StoredModel model = found.Model;
        if (found.Matched.Count > 1)
        {
            throw new ModelNotFoundException(name, [.. found.Matched.Select(reference => reference.Display)]);
        }

        if (found.Matched is [ModelReference only] && model.References.Count > 1)
        {
            _catalog.Delete(only);
            return new RemovalResult([only], [], 0, ContentsKept: false);
        }

        if (found.Matched.Count == 0 && model.References.Count > 1 && !force)
        {
            throw new ModelInUseException(model);
        }

        return Remove([model]);
    }

    /// <summary>Removes all models.</summary>
    /// <exception cref="StoreException">The folder cannot be read, or a reference cannot be removed.</exception>
    public RemovalResult RemoveAll() => Remove(List());

    /// <summary>Begins to add contents: until this ends, nothing that is added is removed for want of a model that uses it.</summary>
    /// <exception cref="StoreException">The store cannot be written to, or another process keeps it locked.</exception>
    internal StoreLock BeginAdding()
    {
        StoreLock adding = StoreLock.Share(Folder, _options.LockPatience, _files);
        try
        {
            if (!StoreLayout.Check(Folder))
            {
                StoreLayout.Current.Write(Folder, _files);
            }

            return adding;
        }
        catch
        {
            adding.Dispose();
            throw;
        }
    }

    /// <summary>Names a model whose contents are all there, while <see cref="BeginAdding"/> holds.</summary>
    /// <param name="manifest">The model.</param>
    /// <param name="reference">Its reference; null for a model without one, which <see cref="Find"/> finds by its ID.</param>
    /// <exception cref="ManifestException">It is of a kind that Hearth does not know.</exception>
    /// <exception cref="StoreException">A content is missing or of another length, or it cannot be written.</exception>
    internal StoredModel Commit(Manifest manifest, ModelReference? reference)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (reference?.Digest is Digest wanted && wanted != manifest.Digest)
        {
            throw new StoreException(StoreErrorKind.Corrupt, $"The manifest of '{reference}' is {manifest.Digest}.");
        }

        ModelInterpreter.Check(manifest);
        foreach (Descriptor blob in manifest.Blobs)
        {
            long length = new FileInfo(_blobs.Locate(blob.Digest)).Length;
            if (length != blob.Size)
            {
                throw new StoreException(StoreErrorKind.Corrupt, $"The content {blob.Digest} has {length} bytes, but the manifest says {blob.Size}.");
            }
        }

        ModelFacts facts = ModelInterpreter.ReadFacts(manifest, _blobs.ReadAll(manifest.Config.Digest, ConfigReader.MaxBytes));
        ReferenceRecord record = new(null, manifest.Digest.ToString(), manifest.Size, _options.Time.GetUtcNow(), facts);
        _catalog.WriteManifest(manifest);
        _catalog.Write(reference, record);
        return new StoredModel { Id = manifest.Digest, References = reference is null ? [] : [reference], Size = record.Size, Updated = record.Updated, Facts = facts };
    }

    private RemovalResult Remove(IReadOnlyList<StoredModel> models)
    {
        ModelReference[] untagged = [.. models.SelectMany(model => model.References)];
        foreach (StoredModel model in models)
        {
            // First of all, so that the model is not left without a name when this is broken off.
            _catalog.Delete(model.Id);
            foreach (ModelReference reference in model.References)
            {
                _catalog.Delete(reference);
            }
        }

        try
        {
            using StoreLock? alone = StoreLock.TryTakeAlone(Folder, s_removalPatience, _files);
            if (alone is not null)
            {
                Sweep sweep = new(Folder, _catalog, _blobs, _files);
                sweep.Run([.. models.Select(model => model.Id)]);
                return new RemovalResult(untagged, sweep.Removed, sweep.FreedBytes, ContentsKept: false);
            }
        }
        catch (StoreException)
        {
            // The models are gone from the list; a prune removes what they have left, or says why it cannot.
        }

        return new RemovalResult(untagged, [], 0, ContentsKept: true);
    }
}
