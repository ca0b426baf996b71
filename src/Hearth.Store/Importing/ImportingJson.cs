using System.Text.Json.Serialization;

namespace Hearth.Store.Importing;

/// <summary>The index of Docker Model Runner's store.</summary>
internal sealed record DockerIndex(IReadOnlyList<DockerIndexEntry?>? Models);

/// <summary>A model of Docker Model Runner's store.</summary>
internal sealed record DockerIndexEntry(string? Id, IReadOnlyList<string?>? Tags);

/// <summary>What llama.cpp notes of a download.</summary>
internal sealed record LlamaCppDownload(string? Url, string? Etag);

/// <summary>The JSON of other programs' files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DockerIndex))]
[JsonSerializable(typeof(LlamaCppDownload))]
internal sealed partial class ImportingJson : JsonSerializerContext;
