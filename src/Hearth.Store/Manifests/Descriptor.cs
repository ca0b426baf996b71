using Hearth.Store.References;

namespace Hearth.Store.Manifests;

/// <summary>What a manifest says of one of its contents (OCI image specification, "Content Descriptors").</summary>
/// <param name="MediaType">What it is.</param>
/// <param name="Digest">Its name.</param>
/// <param name="Size">Its bytes.</param>
public sealed record Descriptor(string MediaType, Digest Digest, long Size)
{
    /// <summary>What else is said of it.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}
