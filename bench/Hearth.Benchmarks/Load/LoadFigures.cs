namespace Hearth.Benchmarks.Load;

/// <summary>The figures of a run with many requests.</summary>
internal static class LoadFigures
{
    public static RunFigures Of(LoadRecord record)
    {
        RequestResult[] completed = [.. record.Results.Where(result => result.IsCompleted)];
        double seconds = record.Elapsed.TotalSeconds;
        int outputTokens = record.Results.Sum(result => result.Tokens);
        int texts = completed.Sum(result => result.Texts.Count);
        double? tokensPerEvent = texts == 0 ? null : completed.Sum(result => result.Tokens) / (double)texts;
        int wrongLength = completed.Count(result => result.Tokens != result.WantedTokens);
        Percentiles firstTokens = new(record.Results.Select(result => result.FirstTokenMilliseconds).OfType<double>());
        Percentiles gaps = new(record.Results.SelectMany(result => result.Gaps));
        Percentiles times = new(completed.Select(result => result.TotalMilliseconds));
        Figure[] figures =
        [
            new("requests", "requests", record.Results.Count, IsCompared: false),
            new("completed", "completed", completed.Length, IsCompared: false),
            new("hung_up", "hung up", record.Results.Count(result => result.HungUp), IsCompared: false),
            new("errors", "errors", record.Results.Count(result => result.Failure is not null), IsCompared: false),
            new("wrong_length", "answers of another length", wrongLength, IsCompared: false),
            new("prompt_tokens", "prompt tokens", completed.Sum(result => result.PromptTokens), IsCompared: false),
            new("cached_tokens", "of them cached", Cached(completed), IsCompared: false),
            new("output_tokens", "output tokens", outputTokens, IsCompared: false),
            new("total_seconds", "total time, s", seconds),
            new("output_tokens_per_second", "output tokens/s", outputTokens / seconds),
            new("requests_per_second", "completed requests/s", completed.Length / seconds),
            .. Spread("first_token_ms", "time to first token, ms", firstTokens),
            .. Spread("inter_token_ms", "between tokens, ms", gaps),
            new("per_token_ms", "mean time per token, ms", PerToken(completed)),
            new("tokens_per_event", "tokens per event", tokensPerEvent, IsCompared: false),
            .. Spread("request_ms", "whole request, ms", times),
            new("client_cores", "cores used by this client", record.ClientTime.TotalSeconds / seconds, IsCompared: false),
        ];
        return new RunFigures(figures, FailureCount.Of(record.Results));
    }

    /// <summary>Half, 95 and 99 of a hundred, and the largest.</summary>
    public static IEnumerable<Figure> Spread(string key, string label, Percentiles samples) =>
    [
        new($"{key}_p50", $"{label} p50", samples.At(50)),
        new($"{key}_p95", $"{label} p95", samples.At(95)),
        new($"{key}_p99", $"{label} p99", samples.At(99)),
        new($"{key}_max", $"{label} max", samples.Maximum),
    ];

    private static int? Cached(RequestResult[] completed) =>
        completed.Any(result => result.CachedTokens is not null) ? completed.Sum(result => result.CachedTokens) : null;

    // From the first event with text to the last, over the tokens that came after the first, however many came in one event.
    private static double? PerToken(RequestResult[] completed)
    {
        RequestResult[] several = [.. completed.Where(result => result.Tokens > 1 && result.Texts.Count > 1)];
        return several.Length == 0 ? null : several.Sum(result => result.Gaps.Sum()) / several.Sum(result => result.Tokens - 1);
    }
}
