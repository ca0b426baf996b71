using Hearth.Store.Archives;
using Hearth.Store.Packaging;
using Hearth.Store.Storage;

namespace Hearth.Store;

public sealed partial class ModelStore
{
    /// <summary>
    /// Writes models as an archive (tar) of an OCI image layout, which other stores and tools read: their contents, and all the references that the
    /// models have. The same models give the same bytes.
    /// </summary>
    /// <param name="models">The models; with fewer references, as <c>model with { References = [...] }</c>, only those are written.</param>
    /// <param name="archive">Where it goes, from front to back.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StoreException">A content is missing, or is not what it should be.</exception>
    public async Task SaveAsync(IReadOnlyList<StoredModel> models, Stream archive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(archive);
        using StoreLock? kept = TryKeepFromRemoval();
        await new ArchiveWriter(_catalog, _blobs).WriteAsync(models, archive, cancellationToken);
    }

    /// <summary>
    /// Reads models from an archive (tar) of an OCI image layout, or of Docker Model Runner (<c>manifest.json</c> and <c>blobs/sha256</c>), whose
    /// entries may be in any order. A reference that another model has is taken from it; models without one are found by their IDs.
    /// </summary>
    /// <param name="archive">The archive, which is read once.</param>
    /// <param name="progress">Is told of each step.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    /// <exception cref="PackageException">It is not one, or is not safe to unpack; nothing is left.</exception>
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public async Task<IReadOnlyList<StoredModel>> LoadAsync(Stream archive, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(archive);
        using StoreLock adding = BeginAdding();
        using ArchiveReader reader = new(_blobs, _files, _options.Registries.DefaultRegistry, progress);
        IReadOnlyList<ArchivedModel> archived = await reader.ReadAsync(archive, cancellationToken);
        reader.Commit(archived);
        StoredModel[] models = [.. archived.Select(model => Commit(model.Manifest, model.Reference))];
        return [.. models.GroupBy(model => model.Id).Select(same => same.Last() with { References = [.. same.SelectMany(model => model.References)] })];
    }
}
