#pragma warning disable CA1822 // The constants of a JSON shape are instance members: the serializer writes nothing else.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hearth.Server.OpenAi;

internal sealed record ErrorBody(ErrorDetail Error);

internal sealed record ErrorDetail(string Message, string Type, string? Param, string? Code);

internal sealed record ModelList(IReadOnlyList<ModelEntry> Data)
{
    public string Object => "list";
}

internal sealed record ModelEntry(string Id, long Created)
{
    public string Object => "model";

    public string OwnedBy => "hearth";
}

internal sealed record UsageBody(int PromptTokens, int CompletionTokens)
{
    public int TotalTokens => PromptTokens + CompletionTokens;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PromptTokensDetails? PromptTokensDetails { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CompletionTokensDetails? CompletionTokensDetails { get; init; }
}

internal sealed record PromptTokensDetails(int CachedTokens);

/// <summary>Reasoning, and tokens that were guessed ahead, as OpenAI counts predicted outputs.</summary>
internal sealed record CompletionTokensDetails(int ReasoningTokens, int AcceptedPredictionTokens, int RejectedPredictionTokens);

/// <summary>llama-server's counts and times.</summary>
internal sealed record TimingsBody(int CacheN, int PromptN, double PromptMs, int PredictedN, double PredictedMs)
{
    public double PromptPerTokenMs => PerToken(PromptN, PromptMs);

    public double PredictedPerTokenMs => PerToken(PredictedN, PredictedMs);

    public double PromptPerSecond => Rate(PromptN, PromptMs);

    public double PredictedPerSecond => Rate(PredictedN, PredictedMs);

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? DraftN { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? DraftNAccepted { get; init; }

    private static double PerToken(int tokens, double milliseconds) => tokens > 0 ? milliseconds / tokens : 0;

    private static double Rate(int tokens, double milliseconds) => milliseconds > 0 ? tokens / milliseconds * 1000 : 0;
}

internal sealed record ChatCompletion(string Id, long Created, string Model, IReadOnlyList<ChatChoice> Choices, UsageBody Usage)
{
    public string Object => "chat.completion";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimingsBody? Timings { get; init; }
}

internal sealed record ChatChoice(int Index, AssistantMessage Message, ChatLogProbabilities? Logprobs, string FinishReason);

internal sealed record AssistantMessage(string? Content)
{
    public string Role => "assistant";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReasoningContent { get; init; }

    public string? Refusal => null;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ToolCallBody>? ToolCalls { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FunctionBody? FunctionCall { get; init; }
}

/// <summary>A tool call, or a piece of one.</summary>
internal sealed record ToolCallBody(FunctionBody Function)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyOrder(-3)]
    public int? Index { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyOrder(-2)]
    public string? Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyOrder(-1)]
    public string? Type { get; init; }
}

internal sealed record FunctionBody
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    public required string Arguments { get; init; }
}

internal sealed record ChatChunk(string Id, long Created, string Model, IReadOnlyList<ChatChunkChoice> Choices)
{
    public string Object => "chat.completion.chunk";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimingsBody? Timings { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UsageBody? Usage { get; init; }
}

internal sealed record ChatChunkChoice(int Index, ChatDelta Delta, ChatLogProbabilities? Logprobs, string? FinishReason);

internal sealed record ChatDelta
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Content { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReasoningContent { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ToolCallBody>? ToolCalls { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FunctionBody? FunctionCall { get; init; }
}

internal sealed record ChatLogProbabilities(IReadOnlyList<ChatTokenLogProbability> Content)
{
    public object? Refusal => null;
}

internal sealed record ChatTokenLogProbability(string Token, float Logprob, IReadOnlyList<int> Bytes)
{
    /// <summary>Hearth's own: the token's place in the model's distribution.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? GreedyRank { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChatTokenLogProbability>? TopLogprobs { get; init; }
}

internal sealed record TextCompletion(string Id, long Created, string Model, IReadOnlyList<TextChoice> Choices)
{
    public string Object => "text_completion";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimingsBody? Timings { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UsageBody? Usage { get; init; }
}

internal sealed record TextChoice(int Index, string Text, TextLogProbabilities? Logprobs, string? FinishReason);

internal sealed record TextLogProbabilities(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<float?> TokenLogprobs,
    IReadOnlyList<IReadOnlyDictionary<string, float>?> TopLogprobs,
    IReadOnlyList<int> TextOffset,
    IReadOnlyList<int?> GreedyRanks);

internal sealed record EmbeddingList(IReadOnlyList<EmbeddingEntry> Data, string Model, PromptUsage Usage)
{
    public string Object => "list";
}

internal sealed record EmbeddingEntry(int Index, [property: JsonConverter(typeof(EmbeddingVectorConverter))] EmbeddingVector Embedding)
{
    public string Object => "embedding";
}

/// <summary>The usage of a request that makes no tokens.</summary>
internal sealed record PromptUsage(int PromptTokens)
{
    public int TotalTokens => PromptTokens;
}

internal sealed record HealthBody(string Status);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelEntry))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatChunk))]
[JsonSerializable(typeof(TextCompletion))]
[JsonSerializable(typeof(EmbeddingList))]
[JsonSerializable(typeof(HealthBody))]
internal sealed partial class OpenAiJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is: a JSON body is no HTML page.</summary>
    public static OpenAiJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
