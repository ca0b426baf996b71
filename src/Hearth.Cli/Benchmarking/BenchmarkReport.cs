using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Benchmarking;

namespace Hearth.Cli.Benchmarking;

/// <summary>What <c>hearth bench</c> prints.</summary>
internal static class BenchmarkReport
{
    /// <summary>The formats.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["md", "json", "jsonl", "csv"];

    /// <summary>Writes results.</summary>
    /// <param name="results">At least one.</param>
    /// <param name="warmup">Whether each test ran once before it was measured.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    public static string Format(IReadOnlyList<BenchmarkResult> results, bool warmup, string format)
    {
        IEnumerable<BenchmarkRow> rows = results.Select(result => BenchmarkRow.Of(result, warmup));
        return format switch
        {
            "json" => $"[\n{string.Join(",\n", rows.Select(row => "  " + Json(row)))}\n]\n",
            "jsonl" => string.Concat(rows.Select(row => Json(row) + "\n")),
            "csv" => Csv([.. rows]),
            _ => BenchmarkTable.Format(results),
        };
    }

    private static string Json(BenchmarkRow row) => JsonSerializer.Serialize(row, BenchmarkRowContext.Default.BenchmarkRow);

    // The fields of the JSON that are one value.
    private static string Csv(BenchmarkRow[] rows)
    {
        StringBuilder text = new();
        for (int i = 0; i < rows.Length; i++)
        {
            KeyValuePair<string, JsonNode?>[] fields =
                [.. JsonSerializer.SerializeToNode(rows[i], BenchmarkRowContext.Default.BenchmarkRow)!.AsObject().Where(field => field.Value is not JsonArray)];
            if (i == 0)
            {
                text.AppendJoin(',', fields.Select(field => field.Key)).Append('\n');
            }

            text.AppendJoin(',', fields.Select(field => Quote(field.Value?.ToString() ?? string.Empty))).Append('\n');
        }

        return text.ToString();
    }

    // RFC 4180, section 2.
    private static string Quote(string value) =>
        value.AsSpan().ContainsAny("\",\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
