using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hearth.Server.Hosting;
using Hearth.Server.Observability;
using Hearth.Tests;

namespace Hearth.Server.Tests.Observability;

/// <summary>The table of docs/metrics.md is made here, from the code; set HEARTH_WRITE_DOCS=1 to write it. The dashboard asks for what is there.</summary>
public sealed partial class MetricsPageTests : IDisposable
{
    private const string Begin = "<!-- made by MetricsPageTests -->\n";
    private readonly ModelHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void MetricsPage_HasWhatTheCodeHas()
    {
        string path = Path.Combine(Golden.RepositoryRoot, "docs", "metrics.md");
        string page = File.ReadAllText(path);
        string expected = page[..(page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)] + Table(_host.Metrics.Families) + Table(_host.Metrics.LlamaFamilies);
        if (Environment.GetEnvironmentVariable("HEARTH_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, page);
    }

    [Fact]
    public void Names_AreUniqueAndAsPrometheusWantsThem()
    {
        MetricFamily[] families = [.. _host.Metrics.Families, .. _host.Metrics.LlamaFamilies];

        Assert.Equal(families.Length, families.Select(family => family.Name).Distinct().Count());
        Assert.All(_host.Metrics.Families, family => Assert.Matches("^(hearth|process)_[a-z_]+$", family.Name));
        Assert.All(_host.Metrics.Families, family => Assert.Equal(family.Kind == MetricKind.Counter, family.Name.EndsWith("_total", StringComparison.Ordinal)));
        Assert.All(families, family => Assert.EndsWith(".", family.Help, StringComparison.Ordinal));
        Assert.All(families.OfType<HistogramFamily>(), family => Assert.Equal(family.Bounds.Order().Distinct(), family.Bounds));
    }

    [Fact]
    public void Dashboard_AsksForMetricsAndLabelsThatAreThere()
    {
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Golden.RepositoryRoot, "deploy", "grafana", "hearth.json")));
        JsonElement[] panels = [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()];
        Dictionary<string, MetricFamily> families = _host.Metrics.Families.SelectMany(Series).ToDictionary(series => series.Name, series => series.Family);
        string[] queries =
        [
            .. panels.Where(panel => panel.TryGetProperty("targets", out _)).SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!),
            .. dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray().Where(variable => variable.TryGetProperty("definition", out _)).Select(variable => variable.GetProperty("definition").GetString()!),
        ];

        Assert.True(queries.Length > 20);
        Assert.All(queries.SelectMany(query => MetricName().Matches(query)), name => Assert.True(families.ContainsKey(name.Value), name.Value));
        Assert.Empty(_host.Metrics.Families.Where(family => !queries.Any(query => query.Contains(family.Name, StringComparison.Ordinal))).Select(family => family.Name).Except(["process_start_time_seconds"]));
        foreach (Match selector in queries.SelectMany(query => Selector().Matches(query)))
        {
            MetricFamily family = families[selector.Groups["name"].Value];
            Assert.All(selector.Groups["label"].Captures, label => Assert.True(label.Value == "instance" || family.Labels.Contains(label.Value), $"{family.Name}: {label.Value}"));
        }

        Assert.All(panels, panel => Assert.True(panel.GetProperty("gridPos").GetProperty("x").GetInt32() + panel.GetProperty("gridPos").GetProperty("w").GetInt32() <= 24));
        Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(queries, query => Assert.Equal(query.Count(character => character == '('), query.Count(character => character == ')')));
        Assert.Equal(("hearth", "Hearth"), (dashboard.RootElement.GetProperty("uid").GetString(), dashboard.RootElement.GetProperty("title").GetString()));
    }

    private static IEnumerable<(string Name, MetricFamily Family)> Series(MetricFamily family) => family.Kind == MetricKind.Histogram
        ? ((string[])["_bucket", "_sum", "_count"]).Select(suffix => (family.Name + suffix, family))
        : [(family.Name, family)];

    private static string Table(IEnumerable<MetricFamily> families)
    {
        StringBuilder text = new("\n| metric | type | labels | |\n| --- | --- | --- | --- |\n");
        foreach (MetricFamily family in families)
        {
            string labels = string.Join(", ", family.Labels.Select(label => $"`{label}`"));
            text.Append($"| `{family.Name}` | {family.Kind.ToString().ToLowerInvariant()} | {labels} | {family.Help.TrimEnd('.')} |\n");
        }

        return text.ToString();
    }

    [GeneratedRegex("(hearth|process)_[a-z_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex("""(?<name>[a-z_]+)\{((?<label>[a-z]+)(=~|=)"[^"]*",?)+\}""", RegexOptions.ExplicitCapture)]
    private static partial Regex Selector();
}
