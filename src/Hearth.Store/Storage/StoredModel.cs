using Hearth.Store.Manifests;
using Hearth.Store.References;

namespace Hearth.Store.Storage;

/// <summary>A model of the store.</summary>
public sealed record StoredModel
{
    /// <summary>Its ID: the digest of its manifest.</summary>
    public required Digest Id { get; init; }

    /// <summary>Its references; none where the last one was pointed elsewhere.</summary>
    public required IReadOnlyList<ModelReference> References { get; init; }

    /// <summary>Bytes of everything that it is made of.</summary>
    public required long Size { get; init; }

    /// <summary>When it was stored, or last tagged.</summary>
    public required DateTimeOffset Updated { get; init; }

    /// <summary>What its config says.</summary>
    public required ModelFacts Facts { get; init; }

    /// <summary>The name to show: its first reference as people write it, else the beginning of its ID.</summary>
    public string DisplayName => References is [ModelReference first, ..] ? first.Display : Id.Abbreviated;
}
