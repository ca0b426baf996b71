namespace Hearth.Benchmarks.Load;

/// <summary>A failed request.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Message">What the server or the connection said.</param>
/// <param name="RetryAfter">When the server wants the request again, if it said so.</param>
internal sealed record Failure(FailureKind Kind, string Message, TimeSpan? RetryAfter = null)
{
    public override string ToString() => $"{NameOf(Kind)}: {Message}";

    public static string NameOf(FailureKind kind) => kind switch
    {
        FailureKind.NoConnection => "no connection",
        FailureKind.Refused => "refused",
        FailureKind.Status => "status",
        FailureKind.ErrorEvent => "error event",
        FailureKind.BrokenEvent => "broken event",
        FailureKind.EndedEarly => "ended early",
        FailureKind.LostConnection => "lost connection",
        _ => "time limit",
    };
}
