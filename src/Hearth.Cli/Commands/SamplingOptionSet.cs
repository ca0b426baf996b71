using System.CommandLine;
using Hearth.Cli.Chat;
using Hearth.Engine.Sampling;

namespace Hearth.Cli.Commands;

/// <summary>The sampling options of a command.</summary>
internal sealed class SamplingOptionSet
{
    private readonly List<(Option<string?> Option, SamplingArgument Argument)> _options = [];

    public SamplingOptionSet()
    {
        SamplingOptions defaults = new();
        foreach (SamplingArgument argument in SamplingArgument.All)
        {
            string shown = argument.Show(defaults);
            string suffix = shown.Length > 0 ? $" [default: {shown}]" : string.Empty;
            Option<string?> option = new("--" + argument.Name) { Description = argument.Description + suffix, HelpName = "VALUE" };
            _options.Add((option, argument));
        }

        _options.First(pair => pair.Argument.Name == "temp").Option.Aliases.Add("--temperature");
        _options.First(pair => pair.Argument.Name == "seed").Option.Aliases.Add("-s");
        _options.First(pair => pair.Argument.Name == "top-nsigma").Option.Aliases.Add("--top-n-sigma");
    }

    public void AddTo(Command command) => _options.ForEach(pair => command.Options.Add(pair.Option));

    /// <summary>The options as the command line gives them.</summary>
    /// <exception cref="SamplingOptionException">A value makes no sense.</exception>
    public SamplingOptions Read(ParseResult parsed)
    {
        return Checked(name => "--" + name, () => _options.Aggregate(
            new SamplingOptions(),
            (options, pair) => parsed.GetValue(pair.Option) is string text ? pair.Argument.Apply(options, text) : options));
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
}
