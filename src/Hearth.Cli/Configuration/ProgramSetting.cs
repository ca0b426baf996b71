namespace Hearth.Cli.Configuration;

/// <summary>Something that can be set for the program: by an option of its name, by variables of the environment, or in the file of settings.</summary>
/// <param name="Name">Its name, which an option has with <c>--</c> in front.</param>
/// <param name="Description">What it is.</param>
internal sealed record ProgramSetting(string Name, string Description)
{
    /// <summary>The variable of the environment that is Hearth's own; null for none.</summary>
    public string? Variable { get; init; }

    /// <summary>Variables of other programs, the first that is set counts.</summary>
    public IReadOnlyList<PeerVariable> Peers { get; init; } = [];

    /// <summary>The command whose option it is; null where there is no option.</summary>
    public string? Command { get; init; }

    /// <summary>Whether the file of settings may have it.</summary>
    public bool IsInFile { get; init; }

    /// <summary>Whether it has several values, which a variable separates by commas.</summary>
    public bool IsList { get; init; }

    /// <summary>Whether nobody is to see its value.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Throws a <see cref="FormatException"/> that says what is wrong with values.</summary>
    public Action<IReadOnlyList<string>> Check { get; init; } = _ => { };

    /// <summary>What counts when nothing is set, as it is shown.</summary>
    public Func<string> Default { get; init; } = () => string.Empty;

    /// <summary>Where it is taken from before the default; null for nowhere.</summary>
    public Func<ProgramConfiguration, SettingValue?>? Fallback { get; init; }
}
