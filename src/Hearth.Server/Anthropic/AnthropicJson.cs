#pragma warning disable CA1822 // The constants of a JSON shape are instance members: the serializer writes nothing else.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Hearth.Server.Anthropic;

internal sealed record FailureBody(FailureDetail Error, string RequestId)
{
    [JsonPropertyOrder(-1)]
    public string Type => "error";
}

internal sealed record FailureDetail(string Type, string Message)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FailureFacts? Details { get; init; }
}

/// <summary>What a client can act on.</summary>
internal sealed record FailureFacts(string ErrorCode, IReadOnlyList<string> Unsupported);

internal sealed record MessageBody(
    string Id, string Model, IReadOnlyList<ContentBlock> Content, string? StopReason, string? StopSequence, MessageUsage Usage)
{
    [JsonPropertyOrder(-2)]
    public string Type => "message";

    [JsonPropertyOrder(-1)]
    public string Role => "assistant";
}

/// <summary>A part of an answer: a text, a thought or a call.</summary>
internal sealed record ContentBlock(string Type)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Thinking { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Signature { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonObject? Input { get; init; }
}

/// <summary>Token counts. <paramref name="InputTokens"/> are those that were not in the cache.</summary>
internal sealed record MessageUsage(int InputTokens, int OutputTokens, int CacheReadInputTokens)
{
    public int CacheCreationInputTokens => 0;
}

/// <summary>An event of a stream, other than the two that have shapes of their own.</summary>
internal sealed record StreamEvent(string Type)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MessageBody? Message { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Index { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ContentBlock? ContentBlock { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BlockDelta? Delta { get; init; }
}

/// <summary>More of a block.</summary>
internal sealed record BlockDelta(string Type)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Thinking { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Signature { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PartialJson { get; init; }
}

/// <summary>The event that says how a message ended.</summary>
internal sealed record MessageDeltaEvent(MessageDelta Delta, MessageUsage Usage)
{
    [JsonPropertyOrder(-1)]
    public string Type => "message_delta";
}

internal sealed record MessageDelta(string StopReason, string? StopSequence);

internal sealed record TokenCount(int InputTokens);

internal sealed record ModelPage(IReadOnlyList<ModelInfo> Data, bool HasMore, string? FirstId, string? LastId);

internal sealed record ModelInfo(string Id, string DisplayName, DateTimeOffset CreatedAt)
{
    [JsonPropertyOrder(-1)]
    public string Type => "model";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(FailureBody))]
[JsonSerializable(typeof(MessageBody))]
[JsonSerializable(typeof(StreamEvent))]
[JsonSerializable(typeof(MessageDeltaEvent))]
[JsonSerializable(typeof(TokenCount))]
[JsonSerializable(typeof(ModelPage))]
[JsonSerializable(typeof(ModelInfo))]
internal sealed partial class AnthropicJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is: a JSON body is no HTML page. A call's arguments may be as deep as a request's.</summary>
    public static AnthropicJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 128,
    });
}
