#pragma warning disable CA1822 // The constants of a JSON shape are instance members: the serializer writes nothing else.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Hearth.Server.OpenAi.Responses;

/// <summary>A response: the answer, and what the request said.</summary>
internal sealed record ResponseBody(string Id, string Model)
{
    [JsonPropertyOrder(-1)]
    public string Object => "response";

    public long CreatedAt { get; init; }

    public string Status { get; init; } = ResponseStatus.InProgress;

    public bool Background => false;

    public long? CompletedAt { get; init; }

    public ResponseFailure? Error { get; init; }

    public IncompleteDetails? IncompleteDetails { get; init; }

    public string? Instructions { get; init; }

    public int? MaxOutputTokens { get; init; }

    public int? MaxToolCalls { get; init; }

    public JsonElement Metadata { get; init; }

    public IReadOnlyList<ResponseItem> Output { get; init; } = [];

    public bool ParallelToolCalls { get; init; }

    public string? PreviousResponseId { get; init; }

    public string? PromptCacheKey { get; init; }

    public required ReasoningBody Reasoning { get; init; }

    public string? SafetyIdentifier { get; init; }

    public string ServiceTier => "default";

    public bool Store { get; init; }

    public float Temperature { get; init; }

    public required TextBody Text { get; init; }

    public JsonElement ToolChoice { get; init; }

    public IReadOnlyList<ToolBody> Tools { get; init; } = [];

    public int TopLogprobs { get; init; }

    public float TopP { get; init; }

    public required string Truncation { get; init; }

    public ResponseUsage? Usage { get; init; }

    public string? User { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimingsBody? Timings { get; init; }
}

/// <summary>How far a response, or an item of it, is.</summary>
internal static class ResponseStatus
{
    public const string InProgress = "in_progress";
    public const string Completed = "completed";
    public const string Incomplete = "incomplete";
    public const string Failed = "failed";
}

internal sealed record ResponseFailure(string Code, string Message);

internal sealed record IncompleteDetails(string Reason);

internal sealed record ReasoningBody(string? Effort, string? Summary);

internal sealed record TextBody(JsonElement Format)
{
    public string Verbosity => "medium";
}

internal sealed record ToolBody(string Name, string? Description, JsonObject? Parameters, bool Strict)
{
    [JsonPropertyOrder(-1)]
    public string Type => "function";
}

internal sealed record ResponseUsage(int InputTokens, InputTokensDetails InputTokensDetails, int OutputTokens, OutputTokensDetails OutputTokensDetails)
{
    public int TotalTokens => InputTokens + OutputTokens;
}

internal sealed record InputTokensDetails(int CachedTokens)
{
    // What was read stays as long as there is room, and nobody is charged for it.
    public int CacheWriteTokens => 0;
}

internal sealed record OutputTokensDetails(int ReasoningTokens);

/// <summary>Something said, thought, called or returned: of a request's input, or of an answer.</summary>
internal sealed record ResponseItem(string Type, string Id)
{
    public const string Message = "message";
    public const string Reasoning = "reasoning";
    public const string Call = "function_call";
    public const string Result = "function_call_output";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Status { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ItemPart>? Summary { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ItemPart>? Content { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EncryptedContent { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CallId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Arguments { get; init; }

    /// <summary>A call's result: a string, or an array of text parts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Output { get; init; }
}

/// <summary>A part of an item's text.</summary>
internal sealed record ItemPart(string Type)
{
    public const string InputText = "input_text";
    public const string OutputText = "output_text";
    public const string RefusalText = "refusal";
    public const string ReasoningText = "reasoning_text";
    public const string SummaryText = "summary_text";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Annotations { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChatTokenLogProbability>? Logprobs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Refusal { get; init; }
}

/// <summary>An event of a stream, other than <see cref="ResponseErrorEvent"/>.</summary>
internal sealed record ResponseEvent(string Type)
{
    public int SequenceNumber { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ResponseBody? Response { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? OutputIndex { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ResponseItem? Item { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ItemId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ContentIndex { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SummaryIndex { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ItemPart? Part { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Delta { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChatTokenLogProbability>? Logprobs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Arguments { get; init; }
}

internal sealed record ResponseErrorEvent(int SequenceNumber, string? Code, string Message, string? Param)
{
    [JsonPropertyOrder(-1)]
    public string Type => "error";
}

internal sealed record ResponseDeleted(string Id)
{
    public string Object => "response";

    public bool Deleted => true;
}

internal sealed record InputItemPage(IReadOnlyList<ResponseItem> Data, bool HasMore, string? FirstId, string? LastId)
{
    [JsonPropertyOrder(-1)]
    public string Object => "list";
}

internal sealed record InputTokenCount(int InputTokens)
{
    [JsonPropertyOrder(-1)]
    public string Object => "response.input_tokens";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ResponseBody))]
[JsonSerializable(typeof(ResponseEvent))]
[JsonSerializable(typeof(ResponseErrorEvent))]
[JsonSerializable(typeof(ResponseItem[]))]
[JsonSerializable(typeof(ResponseDeleted))]
[JsonSerializable(typeof(InputItemPage))]
[JsonSerializable(typeof(InputTokenCount))]
internal sealed partial class ResponsesJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is: a JSON body is no HTML page. What a request said is as deep as it was, within a response.</summary>
    public static ResponsesJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 128,
    });
}
