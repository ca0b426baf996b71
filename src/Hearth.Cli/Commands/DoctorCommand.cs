using System.CommandLine;
using Hearth.Cli.Configuration;
using Hearth.Cli.Diagnosis;
using Hearth.Cli.Remote;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth doctor</c>.</summary>
internal static class DoctorCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string?> url = new("url")
        {
            Description = "A server of OpenAI's API to ask, too: http://127.0.0.1:12434/v1, or without the path; it gets the key in $HEARTH_API_KEY",
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "URL",
        };
        Option<string?> model = new("--model") { Description = "The model to ask [default: the first of the server's list]", HelpName = "NAME" };
        Option<string?> embedder = new("--embedding-model") { Description = "The model to embed with [default: the one that is asked]", HelpName = "NAME" };
        Option<bool> json = ModelArguments.Json("Print an array in JSON instead of text");
        Command command = new("doctor", "Look at this machine, and at any server of OpenAI's API, and say what does not work and what to do.") { url, model, embedder, json };
        return command.DoStoppable(context, async (parsed, cancellationToken) =>
        {
            Uri? server = parsed.GetValue(url) is string text ? Parse(text) : null;
            if (server is null && (parsed.GetValue(model) ?? parsed.GetValue(embedder)) is not null)
            {
                throw new CliUsageException("--model and --embedding-model are of a server; give its URL.");
            }

            List<Finding> findings = [.. new MachineChecks(context).Run()];
            if (server is not null)
            {
                using ServerChecks checks = new(server, ServerTrust.CreateHandler(server, context), context.Variable(ProgramSettingTable.Key.Variable!), context.Time);
                findings.AddRange(await checks.RunAsync(parsed.GetValue(model), parsed.GetValue(embedder), cancellationToken));
            }

            if (parsed.GetValue(json))
            {
                context.Output.WriteLine(FindingReport.ToJson(findings).ToJsonString(PsCommand.Indented));
            }
            else
            {
                FindingReport.Write(context, findings);
            }

            return findings.Any(finding => finding.State == FindingState.Failed) ? ExitCode.Failure : ExitCode.Success;
        });
    }

    private static Uri Parse(string text)
    {
        try
        {
            return ProgramSettingTable.ParseUrl(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}");
        }
        catch (FormatException exception)
        {
            throw new CliUsageException(exception.Message);
        }
    }
}
