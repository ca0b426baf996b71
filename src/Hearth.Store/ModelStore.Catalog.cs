using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store;

public sealed partial class ModelStore
{
    /// <summary>All models, by their names; those without a reference last.</summary>
    public IReadOnlyList<StoredModel> List() => throw new NotImplementedException();

    /// <summary>
    /// Finds a model by a reference in any form, by its ID or the first 12 or more digits of it, or by the last part of its repository where that
    /// means one model only.
    /// </summary>
    /// <returns>The model; null when there is none.</returns>
    /// <exception cref="ModelNotFoundException">It may mean several.</exception>
    public StoredModel? Find(string name) => throw new NotImplementedException();

    /// <summary>The model of a name, as <see cref="Find"/> finds it.</summary>
    /// <exception cref="ModelNotFoundException">There is none, or it may mean several.</exception>
    public StoredModel Get(string name) => Find(name) ?? throw new ModelNotFoundException(name);

    /// <summary>The manifest of a model.</summary>
    /// <exception cref="StoreException">It is missing or broken.</exception>
    public Manifest GetManifest(StoredModel model) => throw new NotImplementedException();

    /// <summary>Where the files of a model are, and what was packaged beside them.</summary>
    /// <exception cref="StoreException">A content is missing.</exception>
    /// <exception cref="ManifestException">It is of a kind that Hearth does not know.</exception>
    public ModelContent Open(StoredModel model) => throw new NotImplementedException();

    /// <summary>Gives a model one more reference; a model that had it loses it.</summary>
    /// <exception cref="ReferenceException">The target has a digest instead of a tag.</exception>
    public void Tag(StoredModel model, ModelReference target) => throw new NotImplementedException();

    /// <summary>
    /// Removes a reference, and with the last one the model; by ID, the model with all its references. Contents that no other model uses go.
    /// </summary>
    /// <param name="name">What <see cref="Find"/> finds.</param>
    /// <param name="force">Whether a model may be removed by its ID though it has several references.</param>
    /// <exception cref="ModelNotFoundException">There is none, or it may mean several.</exception>
    /// <exception cref="ModelInUseException">It has several references, and is named by its ID.</exception>
    public RemovalResult Remove(string name, bool force = false) => throw new NotImplementedException();

    /// <summary>Begins to add contents: until this ends, nothing that is added is removed for want of a model that uses it.</summary>
    internal StoreLock BeginAdding() => throw new NotImplementedException();

    /// <summary>Names a model whose contents are all there.</summary>
    /// <param name="manifest">The model.</param>
    /// <param name="reference">Its reference; null for a model without one, which <see cref="Find"/> finds by its ID.</param>
    /// <exception cref="ManifestException">It is of a kind that Hearth does not know.</exception>
    internal StoredModel Commit(Manifest manifest, ModelReference? reference) => throw new NotImplementedException();
}
