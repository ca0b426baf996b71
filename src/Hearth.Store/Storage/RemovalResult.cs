using Hearth.Store.References;

namespace Hearth.Store.Storage;

/// <summary>What a removal has removed.</summary>
/// <param name="Untagged">The references.</param>
/// <param name="Deleted">The digests of manifests and contents.</param>
/// <param name="FreedBytes">Bytes that are free now.</param>
/// <param name="ContentsKept">
/// Whether contents that no model uses any more are still there, because another process adds to the store, or they cannot be removed now; a
/// prune removes them, or says why it cannot.
/// </param>
public sealed record RemovalResult(IReadOnlyList<ModelReference> Untagged, IReadOnlyList<Digest> Deleted, long FreedBytes, bool ContentsKept);

/// <summary>A model that is not removed by its ID, because it has several references.</summary>
/// <param name="model">The model.</param>
public sealed class ModelInUseException(StoredModel model) : Exception(
    $"{model.Id.Abbreviated} has {model.References.Count} references ({string.Join(", ", model.References.Select(reference => reference.Display))}); remove one by its name, or all by force.")
{
    /// <summary>The model.</summary>
    public StoredModel Model => model;
}
