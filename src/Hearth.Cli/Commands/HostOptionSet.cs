using System.CommandLine;
using System.CommandLine.Parsing;
using Hearth.Server.Hosting;

namespace Hearth.Cli.Commands;

/// <summary>The options of a server that say how much is loaded, and for how long.</summary>
internal sealed class HostOptionSet
{
    private readonly Option<long?> _memory = new("--memory")
    {
        Description = "Memory that loaded models may need together, such as 6G [default: 7/8 of what the process may use]",
        HelpName = "BYTES",
        CustomParser = result => Read(result, text => (long?)ByteSize.Parse(text)),
    };

    private readonly Option<int?> _maxModels = new("--max-models")
    {
        Description = "Models that are loaded at once at most [default: as many as the memory holds]",
        HelpName = "N",
    };

    private readonly Option<TimeSpan?> _keepAlive = new("--keep-alive")
    {
        Description = "How long a model stays loaded after its last request: 5m, 30s, 0 to unload at once, -1 to stay [default: 5m]",
        HelpName = "TIME",
        CustomParser = result => Read(result, text => (TimeSpan?)KeepAlive.Parse(text)),
    };

    private readonly Option<bool> _preload = new("--preload") { Description = "Load the models now instead of with their first request" };

    public HostOptionSet() => _maxModels.Validators.Add(result => ModelOptions.Require(result, minimum: 1, maximum: int.MaxValue));

    public void AddTo(Command command)
    {
        command.Options.Add(_memory);
        command.Options.Add(_maxModels);
        command.Options.Add(_keepAlive);
        command.Options.Add(_preload);
    }

    public ModelHostOptions Read(ParseResult parsed) => new()
    {
        MemoryBytes = parsed.GetValue(_memory),
        MaxModels = parsed.GetValue(_maxModels),
        KeepAlive = parsed.GetValue(_keepAlive) ?? KeepAlive.Default,
    };

    public bool Preloads(ParseResult parsed) => parsed.GetValue(_preload);

    /// <summary>An option's value; what is wrong with it is told with the option's name.</summary>
    public static T? Read<T>(ArgumentResult result, Func<string, T> parse)
    {
        try
        {
            return parse(result.Tokens[0].Value);
        }
        catch (FormatException exception)
        {
            result.AddError($"{((OptionResult)result.Parent!).Option.Name}: {exception.Message}");
            return default;
        }
    }
}
