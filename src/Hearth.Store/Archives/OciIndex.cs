using System.Text.Json.Serialization;

namespace Hearth.Store.Archives;

/// <summary>What names the manifests of an image layout (OCI image specification, "Image Index").</summary>
internal sealed record OciIndex(int SchemaVersion, string? MediaType, IReadOnlyList<OciIndexEntry>? Manifests);

/// <summary>A manifest of an image layout.</summary>
internal sealed record OciIndexEntry(string? MediaType, string? Digest, long Size, string? ArtifactType, IReadOnlyDictionary<string, string>? Annotations);

/// <summary>What marks an image layout (OCI image specification, "Image Layout").</summary>
internal sealed record OciLayout(string? ImageLayoutVersion);

/// <summary>The JSON of archives.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OciIndex))]
[JsonSerializable(typeof(OciLayout))]
internal sealed partial class ArchiveJson : JsonSerializerContext;
