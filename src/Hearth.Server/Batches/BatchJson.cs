#pragma warning disable CA1822 // The constants of a JSON shape are instance members: the serializer writes nothing else.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hearth.Server.Batches;

/// <summary>OpenAI's batch object.</summary>
internal sealed record BatchObject(BatchRecord Record)
{
    // Files are told of when they are there.
    private bool IsEnd => BatchStatus.IsEnd(Record.Status);

    public string Id => Record.Id;

    public string Object => "batch";

    public string Endpoint => Record.Endpoint;

    public string? Model => Record.Model;

    public BatchErrorList? Errors => Record.Errors is { } errors ? new BatchErrorList(errors) : null;

    public string InputFileId => Record.InputFileId;

    public string CompletionWindow => Record.CompletionWindow;

    public string Status => Record.Status == BatchStatus.Finalizing && Record.Outcome == BatchStatus.Cancelled ? BatchStatus.Cancelling : Record.Status;

    public string? OutputFileId => IsEnd ? Record.OutputFileId : null;

    public string? ErrorFileId => IsEnd ? Record.ErrorFileId : null;

    public long CreatedAt => Record.CreatedAt;

    public long? InProgressAt => Record.InProgressAt;

    public long ExpiresAt => Record.ExpiresAt;

    public long? FinalizingAt => Record.FinalizingAt;

    public long? CompletedAt => Record.CompletedAt;

    public long? FailedAt => Record.FailedAt;

    public long? ExpiredAt => Record.ExpiredAt;

    public long? CancellingAt => Record.CancellingAt;

    public long? CancelledAt => Record.CancelledAt;

    public BatchCounts RequestCounts => Record.Counts;

    public BatchUsage Usage => new(Record.Tokens);

    public IReadOnlyDictionary<string, string>? Metadata => Record.Metadata;

    [JsonIgnore]
    public BatchRecord Record { get; } = Record;
}

internal sealed record BatchErrorList(IReadOnlyList<BatchError> Data)
{
    public string Object => "list";
}

internal sealed record BatchUsage([property: JsonIgnore] BatchTokens Tokens)
{
    public long InputTokens => Tokens.Input;

    public CachedTokensDetails InputTokensDetails => new(Tokens.Cached);

    public long OutputTokens => Tokens.Output;

    public ReasoningTokensDetails OutputTokensDetails => new(Tokens.Reasoning);

    public long TotalTokens => Tokens.Input + Tokens.Output;
}

internal sealed record CachedTokensDetails(long CachedTokens);

internal sealed record ReasoningTokensDetails(long ReasoningTokens);

internal sealed record BatchList(IReadOnlyList<BatchObject> Data, string? FirstId, string? LastId, bool HasMore)
{
    public string Object => "list";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BatchRecord))]
[JsonSerializable(typeof(BatchObject))]
[JsonSerializable(typeof(BatchList))]
internal sealed partial class BatchJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is: a JSON body is no HTML page.</summary>
    public static BatchJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
