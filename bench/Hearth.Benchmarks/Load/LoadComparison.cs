using System.Text.Json.Nodes;

namespace Hearth.Benchmarks.Load;

/// <summary>What the rounds of one plan found.</summary>
/// <param name="plan">What was asked.</param>
/// <param name="servers">The server, and the peer if there is one.</param>
/// <param name="runs">The runs of each.</param>
internal sealed class LoadComparison(LoadPlan plan, IReadOnlyList<LoadServer> servers, IReadOnlyList<IReadOnlyList<RunFigures>> runs)
{
    private const int LabelWidth = 42;
    private readonly PairedFigure[] _figures =
    [
        .. runs.SelectMany(server => server).SelectMany(run => run.Figures).DistinctBy(figure => figure.Key)
            .Select(figure => new PairedFigure(figure, Values(runs[0], figure), runs.Count > 1 ? Values(runs[1], figure) : [])),
    ];

    private bool HasPeer => servers.Count > 1;

    /// <summary>Whether each server did something at all.</summary>
    public bool HasAnswers => runs.All(
        server => server.Any(run => run.Find("output_tokens_per_second") > 0 || run.Find("first_token_ms") > 0));

    public void Print(TextWriter output)
    {
        string title = runs[0].Count == 1 ? plan.Name : $"{plan.Name}, medians of {runs[0].Count}";
        WriteRow(output, title, servers.Select(server => server.Client.Name), HasPeer ? "ratio (smallest..largest)" : string.Empty);
        foreach (PairedFigure figure in _figures)
        {
            string ratio = figure.Ratio is { } found ? $"{found.Median:F3} ({found.Minimum:F3}..{found.Maximum:F3})" : string.Empty;
            WriteRow(output, figure.Figure.Label, figure.Medians.Take(servers.Count).Select(Figure.Format), ratio);
        }

        output.WriteLine();
    }

    /// <summary>One object; the bench's README lists the fields.</summary>
    public JsonObject ToJson()
    {
        JsonObject result = new()
        {
            ["streams"] = plan.Rate is null ? plan.Streams : null,
            ["rate"] = plan.Rate,
            ["requests"] = plan.Requests,
            ["duration_seconds"] = plan.Duration?.TotalSeconds,
            ["prompt_tokens"] = plan.Prompt.Text,
            ["shared_prompt_tokens"] = plan.SharedTokens,
            ["answer_tokens"] = plan.Answer.Text,
        };
        JsonObject ratios = [];
        foreach (PairedFigure figure in _figures)
        {
            if (figure.Ratio is { } ratio)
            {
                ratios[figure.Figure.Key] = new JsonObject { ["median"] = ratio.Median, ["min"] = ratio.Minimum, ["max"] = ratio.Maximum };
            }
        }

        foreach ((int index, LoadServer server) in servers.Index())
        {
            JsonObject medians = [];
            foreach (PairedFigure figure in _figures)
            {
                medians[figure.Figure.Key] = figure.Medians[index];
            }

            result[server.Client.Name] = new JsonObject
            {
                ["medians"] = medians,
                ["rounds"] = new JsonArray([.. runs[index].Select(run => run.ToJson())]),
            };
        }

        result["ratios"] = ratios;
        return result;
    }

    private static IReadOnlyList<double?> Values(IEnumerable<RunFigures> runs, Figure figure) =>
        [.. runs.Select(run => run.Find(figure.Key))];

    private static void WriteRow(TextWriter output, string label, IEnumerable<string> cells, string ratio) =>
        output.WriteLine($"{label,-LabelWidth}{string.Concat(cells.Select(cell => $" {cell,12}"))}  {ratio}".TrimEnd());
}
