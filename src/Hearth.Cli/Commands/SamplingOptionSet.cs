using System.CommandLine;
using Hearth.Engine.Sampling;

namespace Hearth.Cli.Commands;

/// <summary>The sampling options of a command.</summary>
internal sealed class SamplingOptionSet
{
    private readonly List<Entry> _options = [];

    public SamplingOptionSet()
    {
        SamplingOptions defaults = new();
        foreach (SamplingArgument argument in SamplingArgument.All)
        {
            string shown = argument.Show(defaults);
            string suffix = shown.Length > 0 ? $" [default: {shown}]" : string.Empty;
            Option<string?> option = new("--" + argument.Name) { Description = argument.Description + suffix, HelpName = "VALUE" };
            if (AliasOf(argument.Name) is string alias)
            {
                option.Aliases.Add(alias);
            }

            _options.Add(new Entry(option, argument));
        }
    }

    public void AddTo(Command command) => _options.ForEach(entry => command.Options.Add(entry.Option));

    /// <summary>The options as the command line gives them.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="basis">What counts where it says nothing.</param>
    /// <exception cref="SamplingOptionException">A value makes no sense.</exception>
    public SamplingOptions Read(ParseResult parsed, SamplingOptions basis)
    {
        return Checked(name => "--" + name, () => _options.Aggregate(
            basis,
            (options, entry) => parsed.GetValue(entry.Option) is string text ? entry.Argument.Apply(options, text) : options));
    }

    /// <summary>The options that a change makes, with their ranges checked; an error names the option as the user wrote it.</summary>
    /// <exception cref="SamplingOptionException">A value makes no sense.</exception>
    public static SamplingOptions Checked(Func<string, string> write, Func<SamplingOptions> change)
    {
        try
        {
            SamplingOptions options = change();
            options.Validate();
            return options;
        }
        catch (SamplingOptionException exception)
        {
            throw exception.Rename(name => write(SamplingArgument.NameOf(name)));
        }
    }

    private static string? AliasOf(string name) => name switch
    {
        "temp" => "--temperature",
        "seed" => "-s",
        "top-nsigma" => "--top-n-sigma",
        _ => null,
    };

    private sealed record Entry(Option<string?> Option, SamplingArgument Argument);
}
