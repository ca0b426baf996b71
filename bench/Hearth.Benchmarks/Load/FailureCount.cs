using System.Text.Json.Nodes;

namespace Hearth.Benchmarks.Load;

/// <summary>How often requests failed in one way.</summary>
/// <param name="Kind">The way.</param>
/// <param name="Count">How often.</param>
/// <param name="RetryAfter">How many of them said when to come again.</param>
/// <param name="Example">The first of the messages.</param>
internal sealed record FailureCount(FailureKind Kind, int Count, int RetryAfter, string Example)
{
    public static IReadOnlyList<FailureCount> Of(IEnumerable<RequestResult> results) => [.. results
        .Select(result => result.Failure)
        .OfType<Failure>()
        .GroupBy(failure => failure.Kind)
        .OrderBy(kind => kind.Key)
        .Select(kind => new FailureCount(
            kind.Key, kind.Count(), kind.Count(failure => failure.RetryAfter is not null), kind.First().Message))];

    public override string ToString() =>
        $"{Count} {Failure.NameOf(Kind)}{(RetryAfter > 0 ? $", {RetryAfter} with Retry-After" : string.Empty)} ({Example})";

    public JsonObject ToJson() => new()
    {
        ["kind"] = Failure.NameOf(Kind),
        ["count"] = Count,
        ["with_retry_after"] = RetryAfter,
        ["example"] = Example,
    };
}
