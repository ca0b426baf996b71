using System.Text.Json.Nodes;

namespace Hearth.Benchmarks.Load;

/// <summary>What one run of one server is reported as.</summary>
/// <param name="Figures">The numbers, the same ones for every run of a kind.</param>
/// <param name="Failures">How many requests failed, and a message of each kind.</param>
internal sealed record RunFigures(IReadOnlyList<Figure> Figures, IReadOnlyList<FailureCount> Failures)
{
    private const double Mebibyte = 1 << 20;

    /// <summary>The server's resident memory in bytes, read at intervals; empty where its process is not known.</summary>
    public IReadOnlyList<long> Memory { get; private init; } = [];

    /// <summary>What makes the figures mean less than they should; null where nothing does.</summary>
    public string? Note { get; init; }

    /// <summary>The same with the server's memory.</summary>
    public RunFigures WithMemory(IReadOnlyList<long> memory) => memory.Count == 0 ? this : this with
    {
        Memory = memory,
        Figures =
        [
            .. Figures,
            new Figure("memory_before_mib", "memory before, MiB", memory[0] / Mebibyte),
            new Figure("memory_after_mib", "memory after, MiB", memory[^1] / Mebibyte),
            new Figure("memory_max_mib", "memory at most, MiB", memory.Max() / Mebibyte),
        ],
    };

    public double? Find(string key) => Figures.FirstOrDefault(figure => figure.Key == key)?.Value;

    /// <summary>The first figures in a line, and what went wrong.</summary>
    public string Line()
    {
        string[] keys =
        [
            "completed", "output_tokens_per_second", "total_seconds", "first_token_ms", "first_token_ms_p50", "until_first_ms_max",
            "inter_token_ms_p99",
        ];
        IEnumerable<string> parts = keys.Select(key => Figures.FirstOrDefault(figure => figure.Key == key))
            .OfType<Figure>()
            .Select(figure => $"{figure.Label} {Figure.Format(figure.Value)}")
            .Concat(Failures.Select(failure => failure.ToString()))
            .Concat(Note is null ? [] : [Note]);
        return string.Join("; ", parts);
    }

    public JsonObject ToJson()
    {
        JsonObject result = [];
        foreach (Figure figure in Figures)
        {
            result[figure.Key] = figure.Value;
        }

        result["errors_by_kind"] = new JsonArray([.. Failures.Select(failure => failure.ToJson())]);
        if (Memory.Count > 0)
        {
            result["memory_samples_bytes"] = new JsonArray([.. Memory.Select(sample => JsonValue.Create(sample))]);
        }

        return result;
    }
}
