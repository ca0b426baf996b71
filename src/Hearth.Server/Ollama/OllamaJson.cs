using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Hearth.Server.Ollama;

internal sealed record ErrorBody(string Error);

internal sealed record VersionBody(string Version);

internal sealed record StatusBody(CloudBody Cloud);

internal sealed record CloudBody(bool Disabled, string Source);

/// <summary>An answer, or a piece of one: of <c>/api/generate</c> with a response, of <c>/api/chat</c> with a message.</summary>
internal sealed record AnswerBody(string Model, string CreatedAt)
{
    public string? Response { get; init; }

    public MessageBody? Message { get; init; }

    public string? Thinking { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public bool Done { get; init; }

    public string? DoneReason { get; init; }

    public IReadOnlyList<int>? Context { get; init; }

    public long? TotalDuration { get; init; }

    public long? LoadDuration { get; init; }

    public int? PromptEvalCount { get; init; }

    public long? PromptEvalDuration { get; init; }

    public int? EvalCount { get; init; }

    public long? EvalDuration { get; init; }

    public IReadOnlyList<LogProbabilityBody>? Logprobs { get; init; }

    [JsonPropertyName("_debug_info")]
    public DebugBody? DebugInfo { get; init; }
}

internal sealed record MessageBody(string Role, string Content)
{
    public string? Thinking { get; init; }

    public IReadOnlyList<CallBody>? ToolCalls { get; init; }
}

internal sealed record CallBody(string? Id, CallFunctionBody Function);

internal sealed record CallFunctionBody(int Index, string Name, JsonNode Arguments);

internal sealed record LogProbabilityBody(string Token, float Logprob, IReadOnlyList<int> Bytes)
{
    /// <summary>Hearth's own: the token's place in the model's distribution.</summary>
    public int? GreedyRank { get; init; }

    public IReadOnlyList<LogProbabilityBody>? TopLogprobs { get; init; }
}

internal sealed record DebugBody(string RenderedTemplate)
{
    public int? ImageCount { get; init; }
}

internal sealed record EmbedBody(string Model, IReadOnlyList<float[]> Embeddings, long TotalDuration, long LoadDuration, int PromptEvalCount);

internal sealed record EmbeddingBody(IReadOnlyList<float> Embedding);

internal sealed record TagList(IReadOnlyList<TagBody> Models);

internal sealed record TagBody(string Name, string Model, string ModifiedAt, long Size, string Digest, DetailsBody Details)
{
    public IReadOnlyList<string>? Capabilities { get; init; }
}

internal sealed record DetailsBody(
    [property: JsonPropertyOrder(-4)] string Format,
    [property: JsonPropertyOrder(-3)] string Family,
    [property: JsonPropertyOrder(-1)] string ParameterSize,
    string QuantizationLevel)
{
    [JsonPropertyOrder(-5)]
    public string ParentModel { get; init; } = string.Empty;

    [JsonPropertyOrder(-2)]
    public IReadOnlyList<string> Families { get; } = Family.Length > 0 ? [Family] : [];

    public long? ContextLength { get; init; }

    public long? EmbeddingLength { get; init; }
}

internal sealed record RunningList(IReadOnlyList<RunningBody> Models);

internal sealed record RunningBody(string Name, string Model, long Size, string Digest, DetailsBody Details, string ExpiresAt, long SizeVram, int ContextLength);

internal sealed record ShowBody
{
    public string? License { get; init; }

    public string? Modelfile { get; init; }

    public string? Parameters { get; init; }

    public string? Template { get; init; }

    public string? System { get; init; }

    public required DetailsBody Details { get; init; }

    public IReadOnlyList<ShownMessageBody>? Messages { get; init; }

    public required JsonObject ModelInfo { get; init; }

    public JsonObject? ProjectorInfo { get; init; }

    public IReadOnlyList<TensorBody>? Tensors { get; init; }

    public required IReadOnlyList<string> Capabilities { get; init; }

    public required string ModifiedAt { get; init; }
}

internal sealed record ShownMessageBody(string Role, string Content);

internal sealed record TensorBody(string Name, string Type, IReadOnlyList<long> Shape);

/// <summary>News of a transfer, or of what is made.</summary>
internal sealed record ProgressBody(string Status)
{
    public string? Digest { get; init; }

    public long? Total { get; init; }

    public long? Completed { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(VersionBody))]
[JsonSerializable(typeof(StatusBody))]
[JsonSerializable(typeof(AnswerBody))]
[JsonSerializable(typeof(EmbedBody))]
[JsonSerializable(typeof(EmbeddingBody))]
[JsonSerializable(typeof(TagList))]
[JsonSerializable(typeof(RunningList))]
[JsonSerializable(typeof(ShowBody))]
[JsonSerializable(typeof(ProgressBody))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class OllamaJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is; <see cref="OllamaWriter"/> escapes what Go escapes.</summary>
    public static OllamaJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
