using System.CommandLine;
using System.CommandLine.Help;
using System.Text;
using System.Text.RegularExpressions;
using Hearth.Cli.Commands;

namespace Hearth.Cli.Tests.Documentation;

/// <summary>
/// The parts of a document that are made from the commands: what is between <c>&lt;!-- generated: NAME --&gt;</c> and <c>&lt;!-- end --&gt;</c>, where NAME is a
/// command, or <c>commands</c> for the list of all. Everything else is written by hand.
/// </summary>
internal static partial class CommandDocument
{
    private const string ListName = "commands";

    /// <summary>The commands that are shown.</summary>
    public static IReadOnlyList<Command> Commands { get; } = [.. HearthCommand.Create().Subcommands.Where(command => !command.Hidden)];

    /// <summary>The names of a document's generated parts.</summary>
    public static IReadOnlyList<string> PartsOf(string document) => [.. PartPattern().Matches(document).Select(match => match.Groups["name"].Value)];

    /// <summary>The document with its generated parts made anew.</summary>
    public static string Update(string document) => PartPattern().Replace(
        document, match => $"<!-- generated: {match.Groups["name"].Value} -->\n{Render(match.Groups["name"].Value)}<!-- end -->");

    private static string Render(string name)
    {
        StringBuilder text = new();
        if (name == ListName)
        {
            text.Append("| command | |\n| --- | --- |\n");
            foreach (Command command in Commands)
            {
                string aliases = string.Concat(command.Aliases.Select(alias => $", `{alias}`"));
                text.Append($"| [`{command.Name}`](#{command.Name}){aliases} | {Cell(command.Description)} |\n");
            }
        }
        else
        {
            Write(text, Commands.Single(command => command.Name == name), $"hearth {name}");
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, Command command, string path)
    {
        if (command.Subcommands.Count > 0)
        {
            text.Append($"{command.Description}\n");
            foreach (Command child in command.Subcommands)
            {
                text.Append('\n');
                Write(text, child, $"{path} {child.Name}");
            }

            return;
        }

        Option[] options = [.. command.Options.Where(option => !option.Hidden && option is not HelpOption)];
        text.Append($"`{path}{string.Concat(command.Arguments.Select(argument => " " + Usage(argument)))}{(options.Length > 0 ? " [OPTIONS]" : string.Empty)}`: {command.Description}\n");
        if (command.Arguments.Count + options.Length == 0)
        {
            return;
        }

        text.Append("\n| | |\n| --- | --- |\n");
        foreach (Argument argument in command.Arguments)
        {
            text.Append($"| `{Cell(argument.HelpName ?? argument.Name)}` | {Cell(argument.Description)} |\n");
        }

        foreach (Option option in options)
        {
            string names = string.Join(", ", option.Aliases.Prepend(option.Name).Select(name => $"`{name}`"));
            string value = option.ValueType == typeof(bool) ? string.Empty : $" `{Cell(option.HelpName ?? "VALUE")}`";
            string otherwise = option.HasDefaultValue && option.GetDefaultValue() is { } given and not false ? $" [default: {given}]" : string.Empty;
            text.Append($"| {names}{value} | {Cell(option.Description + otherwise)} |\n");
        }
    }

    private static string Usage(Argument argument)
    {
        string name = argument.HelpName ?? argument.Name;
        string several = argument.Arity.MaximumNumberOfValues > 1 ? "..." : string.Empty;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}{several}]" : name + several;
    }

    private static string Cell(string? text) => (text ?? string.Empty).Replace("|", "\\|", StringComparison.Ordinal);

    [GeneratedRegex(@"<!-- generated: (?<name>\w+) -->\n(.*?)<!-- end -->", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex PartPattern();
}
