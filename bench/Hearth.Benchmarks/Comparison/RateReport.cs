using System.Text.Json.Nodes;
using Hearth.Engine.Benchmarking;

namespace Hearth.Benchmarks.Comparison;

/// <summary>What a comparison of rates found.</summary>
internal sealed record RateReport
{
    public required ComparisonTask Task { get; init; }

    /// <summary>Reading the prompt; null when there was none.</summary>
    public required RateComparison? Prefill { get; init; }

    /// <summary>Making tokens; null when none were made.</summary>
    public required RateComparison? Decode { get; init; }

    /// <summary>The ratios in a line for people.</summary>
    public string Line() => string.Join("; ", new[] { Line("prefill", Prefill), Line("decode", Decode) }.OfType<string>());

    /// <summary>One object; the bench's README lists the fields.</summary>
    public JsonObject ToJson() => new()
    {
        ["model"] = Task.Model,
        ["threads"] = Task.Threads,
        ["rounds"] = Task.Rounds,
        ["n_prompt"] = Task.PromptTokens,
        ["n_gen"] = Task.GeneratedTokens,
        ["n_depth"] = Task.Depth,
        ["prefill_ratio"] = Prefill?.Ratio?.Ratio.Median,
        ["decode_ratio"] = Decode?.Ratio?.Ratio.Median,
        ["prefill"] = ToJson(Prefill),
        ["decode"] = ToJson(Decode),
    };

    private static string? Line(string name, RateComparison? comparison) => comparison?.Ratio is not { Ratio: var ratio }
        ? null
        : $"{name} ratio {ratio.Median:F3} ({ratio.Minimum:F3}..{ratio.Maximum:F3}, peer with -fa {(int)comparison.Fastest!})";

    private static JsonObject? ToJson(RateComparison? comparison) => comparison is null ? null : new JsonObject
    {
        ["hearth_ts"] = comparison.Own.Median,
        ["hearth_samples_ts"] = Samples(comparison.Own),
        ["peer_ts"] = comparison.Ratio?.Peer.Median,
        ["peer_flash_attention"] = (int?)comparison.Fastest,
        ["peer_samples_ts"] = new JsonObject(comparison.Peer.Select(peer => KeyValuePair.Create<string, JsonNode?>($"{(int)peer.Key}", Samples(peer.Value)))),
        ["ratio_min"] = comparison.Ratio?.Ratio.Minimum,
        ["ratio_max"] = comparison.Ratio?.Ratio.Maximum,
    };

    private static JsonArray Samples(SampleStatistics statistics) => [.. statistics.Samples.Select(sample => JsonValue.Create(sample))];
}
