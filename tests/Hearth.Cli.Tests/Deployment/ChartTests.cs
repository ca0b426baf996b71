using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hearth.Tests;
using Json.Schema;

namespace Hearth.Cli.Tests.Deployment;

public sealed partial class ChartTests
{
    private static readonly string s_chart = Path.Combine(Golden.RepositoryRoot, "deploy", "helm", "hearth");
    private static readonly JsonNode s_schema = JsonNode.Parse(File.ReadAllText(Path.Combine(s_chart, "values.schema.json")))!;

    [Fact]
    public void Values_AreOfTheSchema() => Assert.True(IsValid(Values()));

    [Theory]
    [InlineData("service", """{"port": 70000}""")]
    [InlineData("servce", "{}")]
    [InlineData("replicas", "\"many\"")]
    [InlineData("persistence", """{"accessModes": ["ReadOnlyMany"]}""")]
    public void Schema_RefusesWhatMakesNoSense(string name, string value)
    {
        JsonObject values = Values();
        values[name] = JsonNode.Parse(value);

        Assert.False(IsValid(values));
    }

    [Fact]
    public void Templates_UseOnlyValuesThatThereAre()
    {
        string[] used = [.. Templates().SelectMany(text => ValuePattern().Matches(text)).Select(match => match.Groups["path"].Value).Distinct()];

        Assert.NotEmpty(used);
        Assert.All(used, path =>
        {
            JsonNode? value = Values();
            JsonNode? schema = s_schema;
            foreach (string part in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
            {
                value = value![part];
                schema = schema!["properties"]?[part];
                Assert.True(value is not null, $".Values{path} is not in values.yaml");
                Assert.True(schema is not null, $".Values{path} is not in values.schema.json");
            }
        });
    }

    [Fact]
    public void Values_AreAllUsed()
    {
        string templates = string.Concat(Templates());

        Assert.All(Values().Select(pair => pair.Key), name => Assert.Contains($".Values.{name}", templates, StringComparison.Ordinal));
    }

    [Fact]
    public void Chart_IsDescribed()
    {
        JsonObject chart = Yaml(Path.Combine(s_chart, "Chart.yaml"));

        Assert.Equal(("v2", "hearth"), (chart["apiVersion"]!.GetValue<string>(), chart["name"]!.GetValue<string>()));
        Assert.Equal(chart["version"]!.GetValue<string>(), chart["appVersion"]!.GetValue<string>());
    }

    [Fact]
    public void Templates_OpenAndCloseTheirBlocks() => Assert.All(Templates(), text => Assert.Equal(
        BlockPattern().Count(text), EndPattern().Count(text)));

    private static bool IsValid(JsonObject values) => JsonSchema.FromText(s_schema.ToJsonString()).Evaluate(JsonSerializer.SerializeToElement(values)).IsValid;

    private static IEnumerable<string> Templates() => Directory.GetFiles(Path.Combine(s_chart, "templates")).Select(File.ReadAllText);

    private static JsonObject Values() => Yaml(Path.Combine(s_chart, "values.yaml"));

    private static JsonObject Yaml(string path) => DeploymentFiles.ReadYaml(path);

    [GeneratedRegex(@"\.Values(?<path>(\.[A-Za-z]\w*)+)")]
    private static partial Regex ValuePattern();

    [GeneratedRegex(@"\{\{-? *(if|with|range|define) ")]
    private static partial Regex BlockPattern();

    [GeneratedRegex(@"\{\{-? *end *-?\}\}")]
    private static partial Regex EndPattern();
}
