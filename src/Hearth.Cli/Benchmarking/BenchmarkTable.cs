using System.Text;
using Hearth.Engine.Benchmarking;
using Hearth.Engine.Gguf;

namespace Hearth.Cli.Benchmarking;

/// <summary>Results as Markdown that is as good to read in a terminal of 80 columns.</summary>
internal static class BenchmarkTable
{
    private const double Mebibyte = 1 << 20;
    private const double Giga = 1e9;

    /// <summary>The model, a row for each result, and what belongs to the whole run.</summary>
    public static string Format(IReadOnlyList<BenchmarkResult> results)
    {
        BenchmarkModel model = results[0].Model;
        bool showBatch = results.Select(result => result.Test.BatchTokens).Distinct().Count() > 1;
        string[] header = ["threads", .. Batch("batch"), "test", "tokens/s", "min..max", "first token", "GB/s", "of read"];
        string[][] rows = [.. results.Select(result => (string[])
        [
            $"{result.Threads}",
            .. Batch($"{result.Test.BatchTokens}"),
            result.Test.Name,
            Number(result.Rates.Median),
            $"{Number(result.Rates.Minimum)}..{Number(result.Rates.Maximum)}",
            result.FirstToken is { } first ? $"{Number(first.Median)} ms" : string.Empty,
            result.EffectiveBandwidth is double bandwidth ? $"{bandwidth / Giga:F1}" : string.Empty,
            result.BandwidthFraction is double fraction ? $"{100 * fraction:F0} %" : string.Empty,
        ])];

        StringBuilder text = new();
        text.Append(TerminalText.Printable($"{model.Name} ({model.Architecture}), {GgufSummary.FormatParameters(model.Parameters)} parameters"))
            .Append($", {model.FileType}, {model.FileBytes / Mebibyte:F1} MiB\n\n");
        AppendTable(text, header, rows);
        IEnumerable<string> bandwidths = results.DistinctBy(result => result.Threads)
            .Select(result => $"{result.ReadBandwidth / Giga:F1} GB/s with {result.Threads} {(result.Threads == 1 ? "thread" : "threads")}");
        text.Append($"\nMemory is read at {string.Join(", ", bandwidths)}.");
        if (results.Max(result => result.PeakMemory) is long peak)
        {
            text.Append($" Peak memory: {peak / Mebibyte:F0} MiB, pages of the file included.");
        }

        return text.Append('\n').ToString();

        string[] Batch(string cell) => showBatch ? [cell] : [];
    }

    private static void AppendTable(StringBuilder text, string[] header, string[][] rows)
    {
        int[] widths = [.. header.Select((cell, column) => Math.Max(cell.Length, rows.Max(row => row[column].Length)))];
        int nameColumn = Array.IndexOf(header, "test");
        AppendRow(header, ' ');
        AppendRow([.. widths.Select((width, column) => new string('-', width - 1) + (column == nameColumn ? '-' : ':'))], '-');
        foreach (string[] row in rows)
        {
            AppendRow(row, ' ');
        }

        void AppendRow(string[] cells, char padding)
        {
            for (int column = 0; column < cells.Length; column++)
            {
                string cell = column == nameColumn ? cells[column].PadRight(widths[column], padding) : cells[column].PadLeft(widths[column], padding);
                text.Append($"| {cell} ");
            }

            text.Append("|\n");
        }
    }

    // Three digits are more than machines repeat.
    private static string Number(double value) => value >= 1000 ? $"{value:F0}" : value >= 100 ? $"{value:F1}" : $"{value:F2}";
}
