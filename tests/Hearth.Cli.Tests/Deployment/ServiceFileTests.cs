using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Hearth.Cli.Commands;
using Hearth.Cli.Configuration;

namespace Hearth.Cli.Tests.Deployment;

public sealed partial class ServiceFileTests
{
    [Theory]
    [InlineData("compose.yaml")]
    [InlineData("compose.models.yaml")]
    public void Compose_HasTheVariablesThatItsProgramReads(string name)
    {
        JsonObject app = DeploymentFiles.ReadYaml(DeploymentFiles.PathOf("compose", name))["services"]!["app"]!.AsObject();
        string script = File.ReadAllText(DeploymentFiles.PathOf("compose", "app", "app.sh"));
        string[] given = app["environment"] is JsonObject environment ? [.. environment.Select(pair => pair.Key)]
            : [.. app["models"]!["llm"]!.AsObject().Select(pair => pair.Value!.GetValue<string>())];

        Assert.All(["LLM_URL", "LLM_MODEL"], variable => Assert.Contains(variable, given));
        Assert.All(given, variable => Assert.Contains($"${{{variable}", script.Replace($"${variable}", $"${{{variable}", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public void Compose_RunsHearthWithoutRights()
    {
        JsonObject services = DeploymentFiles.ReadYaml(DeploymentFiles.PathOf("compose", "compose.yaml"))["services"]!.AsObject();
        JsonObject hearth = services["hearth"]!.AsObject();

        Assert.True(hearth["read_only"]!.GetValue<bool>());
        Assert.Equal("ALL", hearth["cap_drop"]![0]!.GetValue<string>());
        Assert.StartsWith("127.0.0.1:", hearth["ports"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("model-runner.docker.internal", hearth["networks"]!["default"]!["aliases"]![0]!.GetValue<string>());
        Assert.Equal("http://model-runner.docker.internal:12434/engines/v1", services["app"]!["environment"]!["LLM_URL"]!.GetValue<string>());
        AssertParses([.. hearth["command"]!.AsArray().Select(word => word!.GetValue<string>())]);
    }

    [Fact]
    public void Dockerfile_RunsCommandsThatThereAre()
    {
        string text = File.ReadAllText(DeploymentFiles.PathOf("docker", "Dockerfile"));

        AssertParses(Words(text, "CMD"));
        AssertParses([.. Words(text, "HEALTHCHECK .*CMD").Skip(1)]);
        Assert.Matches("(?m)^USER \\$APP_UID$", text);
        Assert.Contains("HEARTH_HOME=/data", text, StringComparison.Ordinal);
        Assert.Matches("(?m)^VOLUME /data$", text);
    }

    [Fact]
    public void Unit_RunsACommandThatThereIs()
    {
        string unit = File.ReadAllText(DeploymentFiles.PathOf("systemd", "hearth.service"));

        AssertParses([.. UnitPattern().Match(unit).Groups["words"].Value.Trim().Split(' ')]);
        Assert.All(["DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=\n"], line => Assert.Contains(line, unit, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unit_IsWhatSystemdReads()
    {
        const string Analyze = "/usr/bin/systemd-analyze";
        Assert.SkipUnless(File.Exists(Analyze), "systemd-analyze is not there.");
        ProcessStartInfo start = new(Analyze, ["security", "--offline=yes", "--threshold=20", DeploymentFiles.PathOf("systemd", "hearth.service")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        // The threshold is a tenth of exposure: 20 is 2.0, of 10.
        Assert.True(process.ExitCode == 0, output);
        Assert.DoesNotContain("Unknown", await error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Agent_RunsACommandThatThereIs()
    {
        using XmlReader reader = XmlReader.Create(DeploymentFiles.PathOf("launchd", "org.hearth.serve.plist"), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        XElement[] entries = [.. XDocument.Load(reader).Root!.Element("dict")!.Elements()];
        XElement arguments = entries[Array.FindIndex(entries, entry => entry.Value == "ProgramArguments") + 1];

        Assert.Equal("/usr/local/bin/hearth", arguments.Elements().First().Value);
        AssertParses([.. arguments.Elements().Skip(1).Select(word => word.Value)]);
    }

    [Fact]
    public void Files_NameVariablesThatThereAre()
    {
        string[] known = [.. ProgramSettingTable.All.Select(setting => setting.Variable).OfType<string>()];
        string[] files = [.. new[] { "docker", "compose", "systemd", "launchd", "helm" }.SelectMany(folder => Directory.GetFiles(DeploymentFiles.PathOf(folder), "*", SearchOption.AllDirectories))];

        string[] named = [.. files.SelectMany(file => VariablePattern().Matches(File.ReadAllText(file))).Select(match => match.Value).Distinct()];

        Assert.Contains("HEARTH_API_KEY", named);
        Assert.All(named, name => Assert.Contains(name, known));
    }

    private static void AssertParses(string[] words) => Assert.Empty(HearthCommand.Create(words[0]).Parse(words).Errors);

    private static string[] Words(string dockerfile, string instruction) =>
        [.. JsonNode.Parse(Regex.Match(dockerfile, $"(?m)^{instruction} (?<words>\\[.*\\])$").Groups["words"].Value)!.AsArray().Select(word => word!.GetValue<string>())];

    [GeneratedRegex("(?m)^ExecStart=/usr/local/bin/hearth(?<words>.*)$")]
    private static partial Regex UnitPattern();

    [GeneratedRegex("HEARTH_[A-Z]+(_[A-Z]+)*")]
    private static partial Regex VariablePattern();
}
