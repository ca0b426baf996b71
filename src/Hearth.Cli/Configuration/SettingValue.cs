namespace Hearth.Cli.Configuration;

/// <summary>Where a value comes from; earlier ones take precedence.</summary>
internal enum SettingSource
{
    /// <summary>The command line.</summary>
    Flag,

    /// <summary>A variable of the environment.</summary>
    Environment,

    /// <summary>A file.</summary>
    File,

    /// <summary>Nobody set it.</summary>
    Default,
}

/// <summary>What is set.</summary>
/// <param name="Texts">The values, as they are written; none for the default.</param>
/// <param name="Source">Where they come from.</param>
/// <param name="Origin">The option, the variable or the file.</param>
internal sealed record SettingValue(IReadOnlyList<string> Texts, SettingSource Source, string Origin)
{
    /// <summary>Nothing is set.</summary>
    public static readonly SettingValue None = new([], SettingSource.Default, string.Empty);
}
