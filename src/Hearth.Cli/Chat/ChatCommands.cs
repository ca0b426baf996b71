using System.Globalization;
using Hearth.Cli.Commands;
using Hearth.Engine.Sampling;
using Spectre.Console;

namespace Hearth.Cli.Chat;

/// <summary>What a user can type in a chat besides messages.</summary>
internal sealed class ChatCommands(ChatSession session)
{
    /// <summary>Runs a command.</summary>
    /// <returns>False when it ends the chat.</returns>
    public bool Run(string line)
    {
        string[] words = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string argument = words.Length > 1 ? words[1] : string.Empty;
        switch (words[0])
        {
            case "/bye" or "/exit" or "/quit":
                return false;
            case "/?" or "/help":
                ShowHelp();
                break;
            case "/clear":
                session.Clear();
                Console.WriteLine("The conversation is forgotten.");
                break;
            case "/set":
                Set(argument);
                break;
            default:
                Console.Error.WriteLine($"There is no command '{words[0]}'; /? lists them.");
                break;
        }

        return true;
    }

    private static void ShowHelp()
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(4)).AddColumn();
        foreach ((string command, string meaning) in new[]
        {
            ("/set", "Show what is set"),
            ("/set NAME VALUE", "Set a sampling option (temp, top-k, top-p, min-p, seed, ...), predict, or verbose"),
            ("/set system TEXT", "Give the model instructions; without TEXT, take them away"),
            ("/clear", "Forget the conversation"),
            ("/bye", "Leave; Ctrl-D does too"),
            ("\"\"\"", "Begin and end a message of several lines"),
            ("Ctrl-C", "Stop the answer"),
        })
        {
            grid.AddRow(new Text(command), new Text(meaning));
        }

        AnsiConsole.Write(grid);
    }

    private void Set(string argument)
    {
        if (argument.Length == 0)
        {
            ShowSettings();
            return;
        }

        string[] words = argument.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string value = words.Length > 1 ? words[1] : string.Empty;
        try
        {
            session.Settings = Apply(words[0], value);
        }
        catch (Exception exception) when (exception is SamplingOptionException or CliUsageException)
        {
            Console.Error.WriteLine($"hearth: {exception.Message}");
        }
    }

    private ChatSettings Apply(string name, string value)
    {
        ChatSettings settings = session.Settings;
        if (SamplingArgument.All.FirstOrDefault(argument => argument.Name == name) is SamplingArgument sampling)
        {
            return settings with { Sampling = SamplingOptionSet.Checked(written => written, () => sampling.Apply(settings.Sampling, value)) };
        }

        return name switch
        {
            "system" => settings with { SystemPrompt = value.Length == 0 ? null : Unquote(value) },
            "verbose" => settings with { Verbose = value switch { "" or "on" or "true" => true, "off" or "false" => false, _ => throw new SamplingOptionException(name, $"'{value}'", "on or off") } },
            "predict" or "n-predict" => settings with { MaxTokens = ReadLimit(name, value) },
            _ => throw new CliUsageException($"There is no setting '{name}'; /set lists them."),
        };
    }

    private static int? ReadLimit(string name, string value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int limit) && limit is -1 or > 0
            ? limit == -1 ? null : limit
            : throw new SamplingOptionException(name, $"'{value}'", "at least 1, or -1 for no limit");

    private static string Unquote(string text) => text.Length > 1 && text[0] == '"' && text[^1] == '"' ? text.Trim('"') : text;

    private void ShowSettings()
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(4)).AddColumn();
        grid.AddRow(new Text("system"), new Text(session.Settings.SystemPrompt ?? "(none)"));
        grid.AddRow(new Text("verbose"), new Text(session.Settings.Verbose ? "on" : "off"));
        grid.AddRow(new Text("predict"), new Text((session.Settings.MaxTokens ?? -1).ToString(CultureInfo.InvariantCulture)));
        foreach (SamplingArgument argument in SamplingArgument.All)
        {
            grid.AddRow(new Text(argument.Name), new Text(argument.Show(session.Settings.Sampling)));
        }

        AnsiConsole.Write(grid);
    }
}
