using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hearth.Store.Registries.HuggingFace;

/// <summary>What Hugging Face says of a repository.</summary>
internal sealed record HubModel(
    string? Id, string? Sha, DateTimeOffset? LastModified, DateTimeOffset? CreatedAt, JsonElement Gated, long Downloads, long Likes)
{
    /// <summary>What it is for: <c>text-generation</c>, ...</summary>
    [JsonPropertyName("pipeline_tag")]
    public string? Task { get; init; }
}

/// <summary>What Hugging Face says of a file or a folder.</summary>
internal sealed record HubTreeEntry(string? Type, string? Path, long Size, string? Oid, HubLfs? Lfs);

/// <summary>What Git LFS says of a file: <paramref name="Oid"/> is the SHA-256 of its content.</summary>
internal sealed record HubLfs(string? Oid, long Size);

/// <summary>The JSON of Hugging Face's API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HubModel))]
[JsonSerializable(typeof(HubModel[]))]
[JsonSerializable(typeof(HubTreeEntry[]))]
internal sealed partial class HubJson : JsonSerializerContext;
