using System.CommandLine;
using System.CommandLine.Parsing;
using Hearth.Cli.Commands.Debugging;

namespace Hearth.Cli.Commands;

/// <summary>The <c>hearth</c> command and its subcommands.</summary>
internal static class HearthCommand
{
    public static RootCommand Create() => new("Hearth runs language models on your own machine. Nothing leaves it.")
    {
        RunCommand.Create(),
        ServeCommand.Create(),
        InspectCommand.Create(),
        VersionCommand.Create(),
        DebugCommand.Create(),
    };

    /// <summary>The names of the subcommands that the arguments chose, each followed by a space when joined.</summary>
    public static IEnumerable<string> PathOf(ParseResult parsed)
    {
        List<string> names = [];
        for (CommandResult? result = parsed.CommandResult; result?.Parent is CommandResult parent; result = parent)
        {
            names.Insert(0, result.Command.Name);
        }

        return names.Count == 0 ? [] : [.. names, string.Empty];
    }
}
