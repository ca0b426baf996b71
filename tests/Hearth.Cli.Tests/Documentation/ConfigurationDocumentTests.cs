using System.Text;
using System.Text.RegularExpressions;
using Hearth.Cli.Configuration;
using Hearth.Tests;

namespace Hearth.Cli.Tests.Documentation;

public sealed partial class ConfigurationDocumentTests
{
    private const string UpdateVariable = "HEARTH_UPDATE_DOCS";
    private static readonly string s_path = Path.Combine(Golden.RepositoryRoot, "docs", "configuration.md");

    /// <summary>With <c>HEARTH_UPDATE_DOCS=1</c> the document is written instead.</summary>
    [Fact]
    public void Document_HasTheTablesOfSettings()
    {
        string document = File.ReadAllText(s_path).ReplaceLineEndings("\n");
        string updated = PartPattern().Replace(document, match => $"<!-- generated: {match.Groups["name"].Value} -->\n{Render(match.Groups["name"].Value)}<!-- end -->");
        if (Environment.GetEnvironmentVariable(UpdateVariable) is { Length: > 0 })
        {
            File.WriteAllText(s_path, updated);
            return;
        }

        Assert.Equal(["settings", "peers"], PartPattern().Matches(document).Select(match => match.Groups["name"].Value));
        Assert.True(document == updated, $"docs/configuration.md is not what the settings are; {UpdateVariable}=1 dotnet test tests/Hearth.Cli.Tests writes it.");
    }

    private static string Render(string part)
    {
        StringBuilder text = new();
        if (part == "settings")
        {
            text.Append("| setting | option of | variable | file | |\n| --- | --- | --- | --- | --- |\n");
            foreach (ProgramSetting setting in ProgramSettingTable.All)
            {
                string command = setting.Command is null ? string.Empty : $"`{setting.Command}`";
                string variable = setting.Variable is null ? string.Empty : $"`{setting.Variable}`";
                string description = setting.Description.Replace("|", "\\|", StringComparison.Ordinal) + (setting.IsList && setting.Variable is not null ? "; several are separated by commas" : string.Empty);
                text.Append($"| `{setting.Name}` | {command} | {variable} | {(setting.IsInFile ? "yes" : string.Empty)} | {description} |\n");
            }

            return text.ToString();
        }

        text.Append("| variable | of | setting | taken as |\n| --- | --- | --- | --- |\n");
        foreach ((PeerVariable peer, ProgramSetting setting) in ProgramSettingTable.All.SelectMany(setting => setting.Peers.Select(peer => (peer, setting))).Where(pair => pair.peer.Program != "Hearth"))
        {
            text.Append($"| `{peer.Name}` | {peer.Program} | `{setting.Name}` | {peer.Meaning} |\n");
        }

        return text.ToString();
    }

    [GeneratedRegex(@"<!-- generated: (?<name>\w+) -->\n(.*?)<!-- end -->", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex PartPattern();
}
