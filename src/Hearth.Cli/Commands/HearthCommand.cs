using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Hearth.Cli.Commands.Debugging;
using Hearth.Cli.Completion;

namespace Hearth.Cli.Commands;

/// <summary>The <c>hearth</c> command and its subcommands.</summary>
internal static partial class HearthCommand
{
    private static readonly (string Name, string[] Aliases, Func<CliContext, Command> Make)[] s_commands =
    [
        ("run", [], RunCommand.Create),
        ("serve", [], ServeCommand.Create),
        ("pull", [], PullCommand.Create),
        ("push", [], PushCommand.Create),
        ("list", ["ls"], ListCommand.Create),
        ("ps", [], PsCommand.Create),
        ("stop", ["unload"], StopCommand.Create),
        ("rm", [], RemoveCommand.Create),
        ("tag", ["cp"], TagCommand.Create),
        ("show", [], ShowCommand.Create),
        ("inspect", [], InspectCommand.Create),
        ("search", [], SearchCommand.Create),
        ("package", [], PackageCommand.Create),
        ("create", [], CreateCommand.Create),
        ("save", [], SaveCommand.Create),
        ("load", [], LoadCommand.Create),
        ("import", [], ImportCommand.Create),
        ("df", [], DiskUsageCommand.Create),
        ("verify", [], VerifyCommand.Create),
        ("prune", [], PruneCommand.Create),
        ("move", [], MoveCommand.Create),
        ("login", [], LoginCommand.Create),
        ("logout", [], LogoutCommand.Create),
        ("status", [], StatusCommand.Create),
        ("doctor", [], DoctorCommand.Create),
        ("logs", [], LogsCommand.Create),
        ("keys", [], KeysCommand.Create),
        ("configure", [], ConfigureCommand.Create),
        ("config", [], ConfigCommand.Create),
        ("convert", [], _ => ConvertCommand.Create()),
        ("quantize", [], QuantizeCommand.Create),
        ("bench", [], BenchCommand.Create),
        ("completion", [], CompletionCommand.Create),
        (CompletionCommand.SuggestName, [], CompletionCommand.CreateSuggest),
        ("update", [], UpdateCommand.Create),
        ("version", [], VersionCommand.Create),
        ("debug", [], DebugCommand.Create),
    ];

    /// <summary>Runs a command line.</summary>
    /// <returns>What the process ends with.</returns>
    public static async Task<int> RunAsync(string[] arguments, CliContext context)
    {
        RootCommand root = Create(arguments.FirstOrDefault(), context);
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Tokens.Count == 0)
        {
            parsed = root.Parse("--help");
        }

        if (parsed.Errors.Count > 0)
        {
            foreach (string error in ErrorsOf(parsed))
            {
                await context.Error.WriteLineAsync($"hearth: {error}");
            }

            await context.Error.WriteLineAsync($"Try 'hearth {string.Join(' ', PathOf(parsed))}--help'.");
            return ExitCode.Usage;
        }

        // Signals are handled where they mean something: in a chat, Ctrl-C stops the answer and not the program.
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
            Output = context.Output,
            Error = context.Error,
        });
    }

    /// <param name="word">
    /// The first argument. Where it is the name of a command, only this one is made, for commands with many options take long to make.
    /// </param>
    /// <param name="context">What the commands work with; null for this process's.</param>
    public static RootCommand Create(string? word = null, CliContext? context = null)
    {
        context ??= new CliContext();
        RootCommand root = new("Hearth runs language models on your own machine. Nothing leaves it.");
        int chosen = Array.FindIndex(s_commands, command => command.Name == word || command.Aliases.Contains(word));
        foreach ((_, _, Func<CliContext, Command> make) in chosen >= 0 ? s_commands.AsSpan(chosen, 1) : s_commands)
        {
            root.Add(make(context));
        }

        Complete(root, context);
        return root;
    }

    /// <summary>What is wrong with the arguments, each thing once and in the words of the command line.</summary>
    private static IEnumerable<string> ErrorsOf(ParseResult parsed)
    {
        string[] words = parsed.UnmatchedTokens.Count == 0 ? [] : [.. parsed.UnmatchedTokens.Select(word => $"There is no command or option '{word}'.")];
        return words.Length > 0 ? words : parsed.Errors.Select(error => UnparsablePattern().Match(error.Message) is { Success: true } match
            ? $"'{match.Groups["option"].Value}' must be a whole number up to {int.MaxValue}, not '{match.Groups["value"].Value}'."
            : error.Message);
    }

    // An unset variable in a script gives an empty argument; no file and no model has that name.
    private static void Complete(Command command, CliContext context)
    {
        foreach (Argument argument in command.Arguments)
        {
            argument.Validators.Add(AddErrorIfOption);
            if (argument.HelpName == ModelArguments.Stored)
            {
                argument.CompletionSources.Add(_ => ModelCompletions.Names(context));
            }

            if (argument.HelpName != "PROMPT")
            {
                argument.Validators.Add(result => AddErrorIfEmpty(result, argument.HelpName));
            }
        }

        foreach (Option option in command.Options.Where(option => option.HelpName == ModelArguments.Stored))
        {
            option.CompletionSources.Add(_ => ModelCompletions.Names(context));
        }

        foreach (Option option in command.Options.Where(option => option.HelpName?.StartsWith("FILE", StringComparison.Ordinal) == true))
        {
            option.Validators.Add(result => AddErrorIfEmpty(result, option.Name));
        }

        foreach (Command child in command.Subcommands)
        {
            Complete(child, context);
        }
    }

    // A list of arguments takes any word, so a mistyped option would be asked, or opened, instead of refused.
    private static void AddErrorIfOption(ArgumentResult result)
    {
        if (result.Tokens.FirstOrDefault(token => OptionPattern().IsMatch(token.Value)) is { } option && !Environment.GetCommandLineArgs().Contains("--"))
        {
            result.AddError($"Unrecognized option '{option.Value}'. What begins like an option and is none goes after '--'.");
        }
    }

    private static void AddErrorIfEmpty(SymbolResult result, string? name)
    {
        if (result.Tokens.Any(token => token.Value.Length == 0))
        {
            result.AddError($"{name} is empty.");
        }
    }

    [GeneratedRegex(@"^--?[A-Za-z][\w-]*(=.*)?$")]
    private static partial Regex OptionPattern();

    // The parser names the option's .NET type, which says nothing to a user; every option with a type is a whole number.
    [GeneratedRegex(@"^Cannot parse argument '(?<value>.*)' for option '(?<option>[^']+)' as expected type 'System\.(Int32|Nullable`1\[System\.Int32\])'", RegexOptions.Singleline)]
    private static partial Regex UnparsablePattern();

    /// <summary>The names of the subcommands that the arguments chose, each followed by a space when joined.</summary>
    private static IEnumerable<string> PathOf(ParseResult parsed)
    {
        List<string> names = [];
        for (CommandResult? result = parsed.CommandResult; result?.Parent is CommandResult parent; result = parent)
        {
            names.Insert(0, result.Command.Name);
        }

        return names.Count == 0 ? [] : [.. names, string.Empty];
    }
}
