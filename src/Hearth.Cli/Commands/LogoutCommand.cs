using System.CommandLine;
using Hearth.Store.Registries;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth logout</c>.</summary>
internal static class LogoutCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string?> registry = LoginCommand.RegistryArgument();
        Command command = new("logout", "Forget the credentials of a registry.") { registry };
        return command.Do(context, async (parsed, cancellationToken) =>
        {
            RegistryOptions options = context.OpenStore().Options.Registries;
            string host = LoginCommand.RegistryOf(parsed.GetValue(registry), options);
            bool wasThere = await RegistryCredentials.LogoutAsync(host, options, cancellationToken);
            context.Output.WriteLine(wasThere ? $"Logged out of {TerminalText.Printable(host)}." : $"There were no credentials for {TerminalText.Printable(host)}.");
            return ExitCode.Success;
        });
    }
}
