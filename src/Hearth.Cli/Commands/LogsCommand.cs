using System.CommandLine;
using Hearth.Cli.Remote;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth logs</c>.</summary>
internal static class LogsCommand
{
    public static Command Create(CliContext context)
    {
        Option<bool> follow = new("--follow", "-f") { Description = "Go on with what is logged from now on, until Ctrl-C" };
        Option<string?> host = ServerAddress.CreateOption();
        Command command = new("logs", "Print what a running server has logged.") { follow, host };
        return command.Do(context, async (parsed, cancellationToken) =>
        {
            using ServerClient client = new(ServerAddress.Read(parsed.GetValue(host), context), context);
            await foreach (string line in client.ReadLinesAsync(parsed.GetValue(follow) ? "/logs?follow=true" : "/logs", cancellationToken))
            {
                context.Output.WriteLine(TerminalText.Printable(line));
            }

            return ExitCode.Success;
        });
    }
}
