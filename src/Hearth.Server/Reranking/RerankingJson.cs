#pragma warning disable CA1822 // The constants of a JSON shape are instance members: the serializer writes nothing else.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Reranking;

internal sealed record RerankList(string Id, string Model, PromptUsage Usage, IReadOnlyList<RerankEntry> Results)
{
    public string Object => "list";
}

internal sealed record RerankEntry(int Index, float RelevanceScore)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DocumentBody? Document { get; init; }
}

internal sealed record DocumentBody(string Text);

/// <summary>A result in the shape of Hugging Face's text-embeddings-inference.</summary>
internal sealed record TextScore(int Index, float Score)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }
}

internal sealed record ScoreList(string Id, long Created, string Model, IReadOnlyList<ScoreEntry> Data, UsageBody Usage)
{
    public string Object => "list";
}

internal sealed record ScoreEntry(int Index, float Score)
{
    public string Object => "score";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RerankList))]
[JsonSerializable(typeof(IReadOnlyList<TextScore>))]
[JsonSerializable(typeof(ScoreList))]
internal sealed partial class RerankingJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is: a JSON body is no HTML page.</summary>
    public static RerankingJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
