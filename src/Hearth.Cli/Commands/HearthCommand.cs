using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Hearth.Cli.Commands.Debugging;

namespace Hearth.Cli.Commands;

/// <summary>The <c>hearth</c> command and its subcommands.</summary>
internal static partial class HearthCommand
{
    private static readonly string[] s_aliases = ["unload", "config"];
    private static readonly string[] s_names = ["run", "serve", "ps", "stop", "unload", "configure", "config", "inspect", "convert", "quantize", "bench", "version", "debug"];

    /// <param name="word">
    /// The first argument. Where it is the name of a command, only this one is made, for commands with many options take long to make.
    /// </param>
    public static RootCommand Create(string? word = null)
    {
        RootCommand root = new("Hearth runs language models on your own machine. Nothing leaves it.");
        foreach (string name in s_names.Contains(word) ? [word!] : s_names.Except(s_aliases))
        {
            root.Add(Make(name));
        }

        RefuseMistakes(root);
        return root;
    }

    private static Command Make(string name) => name switch
    {
        "run" => RunCommand.Create(),
        "serve" => ServeCommand.Create(),
        "ps" => PsCommand.Create(),
        "stop" or "unload" => StopCommand.Create(),
        "configure" or "config" => ConfigureCommand.Create(),
        "inspect" => InspectCommand.Create(),
        "convert" => ConvertCommand.Create(),
        "quantize" => QuantizeCommand.Create(),
        "bench" => BenchCommand.Create(),
        "version" => VersionCommand.Create(),
        _ => DebugCommand.Create(),
    };

    /// <summary>What is wrong with the arguments, each thing once and in the words of the command line.</summary>
    public static IEnumerable<string> ErrorsOf(ParseResult parsed)
    {
        string[] words = parsed.UnmatchedTokens.Count == 0 ? [] : [.. parsed.UnmatchedTokens.Select(word => $"There is no command or option '{word}'.")];
        return words.Length > 0 ? words : parsed.Errors.Select(error => UnparsablePattern().Match(error.Message) is { Success: true } match
            ? $"'{match.Groups["option"].Value}' must be a whole number up to {int.MaxValue}, not '{match.Groups["value"].Value}'."
            : error.Message);
    }

    // An unset variable in a script gives an empty argument; no file has that name.
    private static void RefuseMistakes(Command command)
    {
        foreach (Argument argument in command.Arguments)
        {
            argument.Validators.Add(AddErrorIfOption);
            if (argument.HelpName != "PROMPT")
            {
                argument.Validators.Add(result => AddErrorIfEmpty(result, argument.HelpName));
            }
        }

        foreach (Option option in command.Options.Where(option => option.HelpName?.StartsWith("FILE", StringComparison.Ordinal) == true))
        {
            option.Validators.Add(result => AddErrorIfEmpty(result, option.Name));
        }

        foreach (Command child in command.Subcommands)
        {
            RefuseMistakes(child);
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
