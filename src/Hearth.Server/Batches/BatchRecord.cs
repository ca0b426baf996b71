using System.Text.Json.Serialization;

namespace Hearth.Server.Batches;

/// <summary>A batch as it is kept: times in seconds since 1970.</summary>
internal sealed record BatchRecord
{
    public required string Id { get; init; }

    public required string Endpoint { get; init; }

    public required string InputFileId { get; init; }

    public required string CompletionWindow { get; init; }

    public required string Status { get; init; }

    /// <summary>How a batch ends that is being finished.</summary>
    public string? Outcome { get; init; }

    /// <summary>The name of the key that may see it; null where no keys were wanted.</summary>
    public string? Owner { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>How long its files stay; null for ever.</summary>
    public long? OutputSeconds { get; init; }

    public long CreatedAt { get; init; }

    public long ExpiresAt { get; init; }

    public long? InProgressAt { get; init; }

    public long? FinalizingAt { get; init; }

    public long? CompletedAt { get; init; }

    public long? FailedAt { get; init; }

    public long? ExpiredAt { get; init; }

    public long? CancellingAt { get; init; }

    public long? CancelledAt { get; init; }

    public string? OutputFileId { get; init; }

    public string? ErrorFileId { get; init; }

    /// <summary>The model that all lines name, if they do.</summary>
    public string? Model { get; init; }

    public IReadOnlyList<BatchError>? Errors { get; init; }

    public BatchCounts Counts { get; init; }

    public BatchTokens Tokens { get; init; }

    /// <summary>When it ended; null while it has not.</summary>
    [JsonIgnore]
    public long? EndedAt => CompletedAt ?? FailedAt ?? ExpiredAt ?? CancelledAt;

    /// <summary>The files that it made.</summary>
    [JsonIgnore]
    public IEnumerable<string> ResultFileIds => new[] { OutputFileId, ErrorFileId }.OfType<string>();

    /// <summary>The batch at its end.</summary>
    public BatchRecord End(string status, long now) => this with
    {
        Status = status,
        Outcome = null,
        CompletedAt = status == BatchStatus.Completed ? now : null,
        FailedAt = status == BatchStatus.Failed ? now : null,
        ExpiredAt = status == BatchStatus.Expired ? now : null,
        CancelledAt = status == BatchStatus.Cancelled ? now : null,
    };
}

/// <summary>Why a batch failed.</summary>
/// <param name="Code">A word for programs.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Param">The line's field; null for none.</param>
/// <param name="Line">The number of the line, from 1; null for none.</param>
internal sealed record BatchError(string Code, string Message, string? Param, int? Line);

/// <summary>Lines of a batch.</summary>
/// <param name="Total">All of them.</param>
/// <param name="Completed">Those that have been answered.</param>
/// <param name="Failed">Those that have been refused, or have failed.</param>
internal readonly record struct BatchCounts(int Total, int Completed, int Failed);

/// <summary>Tokens of a batch.</summary>
/// <param name="Input">Tokens read.</param>
/// <param name="Cached">Those of them that were in the cache.</param>
/// <param name="Output">Tokens made.</param>
/// <param name="Reasoning">Those of them that were reasoning.</param>
internal readonly record struct BatchTokens(long Input, long Cached, long Output, long Reasoning)
{
    public static BatchTokens operator +(BatchTokens one, BatchTokens other) =>
        new(one.Input + other.Input, one.Cached + other.Cached, one.Output + other.Output, one.Reasoning + other.Reasoning);
}
