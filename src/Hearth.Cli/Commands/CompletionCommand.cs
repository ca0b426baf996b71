using System.CommandLine;
using System.CommandLine.Completions;
using Hearth.Cli.Completion;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth completion</c>, and the hidden command that its scripts ask.</summary>
internal static class CompletionCommand
{
    /// <summary>The hidden command.</summary>
    public const string SuggestName = "__complete";

    public static Command Create(CliContext context)
    {
        Argument<string> shell = new("shell") { Description = "The shell", HelpName = string.Join('|', CompletionScripts.Shells) };
        shell.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !CompletionScripts.Shells.Contains(token.Value))
            {
                result.AddError($"There is no completion for '{token.Value}', only for {string.Join(", ", CompletionScripts.Shells)}.");
            }
        });
        shell.CompletionSources.Add(CompletionScripts.Shells);
        Command command = new("completion", "Print a script that lets a shell complete commands, options and models; for bash: source <(hearth completion bash)") { shell };
        return command.Do(context, parsed =>
        {
            context.Output.Write(CompletionScripts.Of(parsed.GetValue(shell)!));
            return ExitCode.Success;
        });
    }

    /// <summary>Takes the line up to the cursor, and prints what its last word may become: a line for each, with a tabulator before what it is.</summary>
    public static Command CreateSuggest(CliContext context)
    {
        Argument<string> line = new("line") { Description = "The command line up to the cursor", HelpName = "PROMPT" };
        Command command = new(SuggestName, "Print what the last word of a command line may become.") { line };
        command.Hidden = true;
        return command.Do(context, parsed =>
        {
            foreach (CompletionItem item in CompletionList.For(parsed.GetValue(line)!, context))
            {
                context.Output.WriteLine(TerminalText.Printable(item.Label) + (item.Detail is { Length: > 0 } detail ? '\t' + TerminalText.Printable(detail) : string.Empty));
            }

            return ExitCode.Success;
        });
    }
}
