using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Cli.Diagnosis;
using Hearth.Cli.Remote;
using Hearth.Server;
using Hearth.Server.Settings;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth status</c>.</summary>
internal static class StatusCommand
{
    public static Command Create(CliContext context)
    {
        Option<string?> host = ServerAddress.CreateOption();
        Option<bool> json = ModelArguments.Json("Print an object in JSON instead of text");
        Option<bool> health = new("--health") { Description = "Ask only whether the server takes requests, for which no key is wanted: for health checks" };
        Command command = new("status", "Tell whether a server answers, which models it has loaded, what is wrong and what to do. Ends with 0 where the server does its work, else with 1.") { host, json, health };
        return command.Do(context, async (parsed, cancellationToken) =>
        {
            ServerAddress address = Read(parsed.GetValue(host), context);
            if (parsed.GetValue(health))
            {
                using ServerClient client = new(address, context);
                using JsonDocument ready = await client.GetAsync("/health/ready", cancellationToken);
                context.Output.WriteLine(parsed.GetValue(json) ? ready.RootElement.GetRawText() : $"Hearth takes requests at {TerminalText.Printable(address.Text)}.");
                return ExitCode.Success;
            }

            StatusChecks checks = new(context, address);
            IReadOnlyList<Finding> findings = await checks.RunAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                WriteJson(context, address, checks, findings);
            }
            else
            {
                Write(context, address, checks, findings);
            }

            return findings.Any(finding => finding.State == FindingState.Failed) ? ExitCode.Failure : ExitCode.Success;
        });
    }

    private static void Write(CliContext context, ServerAddress address, StatusChecks checks, IReadOnlyList<Finding> findings)
    {
        if (checks.Failure is ServerException failure)
        {
            context.Note(failure.Message);
        }
        else if (checks.Models is JsonElement models)
        {
            context.Output.WriteLine($"Hearth is running at {TerminalText.Printable(address.Text)}; {Count(models.GetArrayLength())} loaded. 'hearth logs' prints its log.");
            PsCommand.Write(context, models);
        }

        FindingReport.Write(context, findings.Where(finding => finding.State != FindingState.Ok && (checks.Failure is null || finding.Name != StatusChecks.Server)));
    }

    private static ServerAddress Read(string? host, CliContext context)
    {
        try
        {
            return ServerAddress.Read(host, context);
        }
        catch (SettingsFileException)
        {
            // That is a finding, too.
            return ServerAddress.Parse(ListenAddress.Default.Text);
        }
    }

    private static string Count(int models) => models == 1 ? "1 model is" : $"{models} models are";

    private static void WriteJson(CliContext context, ServerAddress address, StatusChecks checks, IReadOnlyList<Finding> findings)
    {
        JsonObject status = new() { ["running"] = checks.Models is not null, ["endpoint"] = address.Text };
        if (checks.Models is JsonElement models)
        {
            status["models"] = JsonArray.Create(models);
        }

        // A server that wants a key runs, but says nothing.
        if (checks.Failure is ServerException failure)
        {
            status["error"] = failure.Message;
        }

        status["findings"] = FindingReport.ToJson(findings);
        context.Output.WriteLine(status.ToJsonString(PsCommand.Indented));
    }
}
