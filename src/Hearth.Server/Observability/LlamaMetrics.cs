using Hearth.Engine.Scheduling;

namespace Hearth.Server.Observability;

/// <summary>
/// llama-server's metrics under its names, of each loaded model that continues text, with the labels that Docker Model Runner gives them. They begin anew
/// when a model is loaded again, as those of a llama-server that is started again do.
/// </summary>
internal static class LlamaMetrics
{
    private const string Backend = "hearth";
    private const string Mode = "completion";
    private static readonly string[] s_labels = ["backend", "model", "mode"];

    private static readonly (string Name, MetricKind Kind, string Help, Func<SchedulerStatistics, double> Read)[] s_metrics =
    [
        ("prompt_tokens_total", MetricKind.Counter, "Tokens of prompts that were computed.", statistics => Computed(statistics)),
        ("prompt_seconds_total", MetricKind.Counter, "Seconds that reading prompts took.", statistics => statistics.PromptSeconds),
        ("tokens_predicted_total", MetricKind.Counter, "Tokens that were made.", statistics => statistics.CompletionTokens),
        ("tokens_predicted_seconds_total", MetricKind.Counter, "Seconds that making tokens took.", statistics => statistics.CompletionSeconds),
        ("n_decode_total", MetricKind.Counter, "Steps of the network.", statistics => statistics.Steps),
        ("n_tokens_max", MetricKind.Counter, "Tokens of the longest request.", statistics => statistics.LongestSequence),
        ("spec_decode_num_draft_tokens_total", MetricKind.Counter, "Tokens that were guessed ahead.", statistics => statistics.DraftTokens),
        ("spec_decode_num_accepted_tokens_total", MetricKind.Counter, "Tokens that were guessed ahead and right.", statistics => statistics.AcceptedTokens),
        ("n_busy_slots_per_decode", MetricKind.Gauge, "Requests that share a step, on average.", statistics => Ratio(statistics.StepSequences, statistics.Steps)),
        ("prompt_tokens_seconds", MetricKind.Gauge, "Tokens of prompts per second, on average.", statistics => Ratio(Computed(statistics), statistics.PromptSeconds)),
        ("predicted_tokens_seconds", MetricKind.Gauge, "Tokens made per second, on average.", statistics => Ratio(statistics.CompletionTokens, statistics.CompletionSeconds)),
        ("requests_processing", MetricKind.Gauge, "Requests that run.", statistics => statistics.Running),
        ("requests_deferred", MetricKind.Gauge, "Requests that wait.", statistics => statistics.Waiting),
    ];

    /// <summary>The metrics of models.</summary>
    public static IEnumerable<MetricFamily> Of(SchedulerMetrics scheduler) => s_metrics.Select(metric => new ObservedFamily(
        $"llamacpp:{metric.Name}",
        metric.Kind,
        metric.Help,
        s_labels,
        () => scheduler.Loaded.Select(loaded => new MetricSample(new LabelValues(Backend, loaded.Model, Mode), metric.Read(loaded.Statistics)))));

    private static long Computed(SchedulerStatistics statistics) => statistics.PromptTokens - statistics.CachedTokens;

    private static double Ratio(double dividend, double divisor) => divisor > 0 ? dividend / divisor : 0;
}
