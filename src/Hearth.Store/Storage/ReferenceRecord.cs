using Hearth.Store.Manifests;

namespace Hearth.Store.Storage;

/// <summary>The file of a reference: what it points to, and enough of it to be listed without opening anything else.</summary>
/// <param name="Reference">The reference in its normal form; null of a model that is kept though it has none.</param>
/// <param name="Digest">The manifest that it points to.</param>
/// <param name="Size">Bytes of everything that the manifest names.</param>
/// <param name="Updated">When it was pointed there.</param>
/// <param name="Facts">What the model's config says.</param>
internal sealed record ReferenceRecord(string? Reference, string Digest, long Size, DateTimeOffset Updated, ModelFacts Facts);
