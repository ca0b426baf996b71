using Hearth.Server.Access;
using Hearth.Server.Models;
using Hearth.Server.Settings;
using Hearth.Store;

namespace Hearth.Cli;

/// <summary>What commands work with beside their arguments: the store of models, the clock, and what they read from and write to.</summary>
internal sealed record CliContext
{
    /// <summary>Opens the store of models.</summary>
    public Func<ModelStore> OpenStore { get; init; } = StoreFactory.OpenDefault;

    /// <summary>Opens the file of settings.</summary>
    public Func<SettingsStore> OpenSettings { get; init; } = SettingsStore.OpenDefault;

    /// <summary>Opens the API keys of the server.</summary>
    public Func<ApiKeyStore> OpenKeys { get; init; } = ApiKeyStore.OpenDefault;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Results.</summary>
    public TextWriter Output { get; init; } = Console.Out;

    /// <summary>Progress, notes and errors.</summary>
    public TextWriter Error { get; init; } = Console.Error;

    /// <summary>Whether somebody reads <see cref="Output"/> in a terminal.</summary>
    public bool HasOutputTerminal { get; init; } = !Console.IsOutputRedirected;

    /// <summary>Whether somebody reads <see cref="Error"/> in a terminal whose cursor can be moved.</summary>
    public bool HasErrorTerminal { get; init; } = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Whether somebody can be asked.</summary>
    public bool HasInputTerminal { get; init; } = !Console.IsInputRedirected;

    /// <summary>Characters in a line of the terminal.</summary>
    public Func<int> Columns { get; init; } = TerminalText.Columns;

    /// <summary>A line of input; null at its end.</summary>
    public Func<string?> ReadLine { get; init; } = Console.ReadLine;

    /// <summary>Standard input as bytes.</summary>
    public Func<Stream> OpenInput { get; init; } = Console.OpenStandardInput;

    /// <summary>Standard output as bytes.</summary>
    public Func<Stream> OpenOutput { get; init; } = Console.OpenStandardOutput;

    /// <summary>A variable of the environment; null where it is not set or empty.</summary>
    public Func<string, string?> Variable { get; init; } = name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    /// <summary>Writes a note on standard error, as one line.</summary>
    public void Note(string text) => Error.WriteLine($"hearth: {TerminalText.Printable(text)}");

    /// <summary>Asks a question that is answered with y or n; anything else is no.</summary>
    public bool Confirm(string question)
    {
        Error.Write($"{TerminalText.Printable(question)} [y/N] ");
        Error.Flush();
        return ReadLine()?.Trim() is { } answer && (answer.Equals("y", StringComparison.OrdinalIgnoreCase) || answer.Equals("yes", StringComparison.OrdinalIgnoreCase));
    }
}
