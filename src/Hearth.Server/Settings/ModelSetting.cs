using Hearth.Server.Hosting;

namespace Hearth.Server.Settings;

/// <summary>
/// Something that can be set for a model, by one name everywhere: on the command line as <c>--NAME</c>, in the settings file, and among the flags
/// of a configuration.
/// </summary>
/// <param name="Name">The name.</param>
/// <param name="HelpName">What its value is, as help shows it.</param>
/// <param name="Description">What it does.</param>
public sealed record ModelSetting(string Name, string HelpName, string Description)
{
    /// <summary>Other names.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Whether it may be given several times.</summary>
    public bool IsList { get; init; }

    /// <summary>Whether a change takes effect only when the model is loaded again.</summary>
    public bool IsOfLoading { get; init; }

    /// <summary>Whether it is about how tokens are chosen, which a request may say otherwise.</summary>
    public bool IsOfSampling { get; init; }

    /// <summary>Whether it is for one model and not for all models of a command line.</summary>
    public bool IsOfOneModel { get; init; }

    /// <summary>Whether its value is a file or a folder, which nobody may choose over HTTP.</summary>
    public bool NamesFile => HelpName.StartsWith("FILE", StringComparison.Ordinal) || HelpName == "DIR";

    /// <summary>The options with the values that some texts mean; a <see cref="FormatException"/> says what is wrong with them.</summary>
    public required Func<ServedModelOptions, IReadOnlyList<string>, ServedModelOptions> Apply { get; init; }

    /// <summary>The value in force, or empty for none.</summary>
    public required Func<ServedModelOptions, string> Show { get; init; }

    /// <summary>The same value, independent of the folder that a program runs in.</summary>
    public Func<string, string> Normalize { get; init; } = text => text;
}
