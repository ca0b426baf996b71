using System.Text.Json.Serialization;

namespace Hearth.Store.Registries.Oci;

/// <summary>What a token server answers.</summary>
internal sealed record TokenAnswer(string? Token, string? AccessToken, double? ExpiresIn);

/// <summary>What a credential helper says and is told.</summary>
internal sealed record HelperCredential(
    [property: JsonPropertyName("ServerURL")] string? ServerUrl,
    [property: JsonPropertyName("Username")] string? Username,
    [property: JsonPropertyName("Secret")] string? Secret);

/// <summary>The JSON of registries.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(HelperCredential))]
internal sealed partial class OciJson : JsonSerializerContext;
