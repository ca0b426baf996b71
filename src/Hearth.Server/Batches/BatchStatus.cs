namespace Hearth.Server.Batches;

/// <summary>What becomes of a batch, in OpenAI's words.</summary>
internal static class BatchStatus
{
    public const string Validating = "validating";
    public const string Failed = "failed";
    public const string InProgress = "in_progress";
    public const string Finalizing = "finalizing";
    public const string Completed = "completed";
    public const string Expired = "expired";
    public const string Cancelling = "cancelling";
    public const string Cancelled = "cancelled";

    /// <summary>Whether nothing happens any more.</summary>
    public static bool IsEnd(string status) => status is Failed or Completed or Expired or Cancelled;
}
