using System.Text.Json.Nodes;

namespace Hearth.Cli.Diagnosis;

/// <summary>How findings are printed.</summary>
internal static class FindingReport
{
    /// <summary>A line for each, and one for what to do.</summary>
    public static void Write(CliContext context, IEnumerable<Finding> findings)
    {
        foreach (Finding finding in findings)
        {
            context.Output.WriteLine(TerminalText.Printable($"{Name(finding.State),-8} {finding.Name,-13} {finding.Detail}"));
            if (finding.Advice is string advice)
            {
                context.Output.WriteLine(TerminalText.Printable($"{string.Empty,-22} {advice}"));
            }
        }
    }

    /// <summary>An object for each.</summary>
    public static JsonArray ToJson(IEnumerable<Finding> findings) =>
    [
        .. findings.Select(finding => (JsonNode)new JsonObject
        {
            ["name"] = finding.Name,
            ["state"] = Name(finding.State),
            ["detail"] = finding.Detail,
            ["advice"] = finding.Advice,
        }),
    ];

    private static string Name(FindingState state) => state.ToString().ToLowerInvariant();
}
