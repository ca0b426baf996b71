using System.CommandLine;
using System.CommandLine.Parsing;
using Hearth.Cli.Configuration;
using Hearth.Server;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Hearth.Server.Models;

namespace Hearth.Cli.Commands;

/// <summary>The options of a server that say how much is loaded.</summary>
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

    private readonly Option<int?> _maxConnections = new("--max-connections")
    {
        Description = $"Connections at once; further ones are closed [default: {new ConnectionLimits().MaxConnections}]",
        HelpName = "N",
    };

    private readonly Option<TimeSpan?> _shutdownTimeout = new("--shutdown-timeout")
    {
        Description = "How long answers may go on after the server has been told to stop: 30s, 2m, -1 for any time [default: 10s]",
        HelpName = "TIME",
        CustomParser = result => Read(result, text => (TimeSpan?)KeepAlive.Parse(text)),
    };

    private readonly Option<KeyValuePair<string, string>[]> _aliases = new("--alias")
    {
        Description = "Another name of a model, as for programs that ask for text-embedding-ada-002; may be given several times",
        HelpName = "NAME=MODEL",
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result => [.. result.Tokens.Select(token => Read(result, _ => ParseAlias(token.Value)))],
    };

    private readonly Option<bool> _preload = new("--preload") { Description = "Load the models now instead of with their first request" };

    public HostOptionSet()
    {
        _maxModels.Validators.Add(result => ModelOptions.Require(result, minimum: 1, maximum: int.MaxValue));
        _maxConnections.Validators.Add(result => ModelOptions.Require(result, minimum: 1, maximum: int.MaxValue));
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_memory);
        command.Options.Add(_maxModels);
        command.Options.Add(_preload);
        command.Options.Add(_aliases);
        command.Options.Add(_shutdownTimeout);
        command.Options.Add(_maxConnections);
    }

    public ModelHostOptions Read(ParseResult parsed, CliContext context) => new()
    {
        MemoryBytes = new ProgramConfiguration(context).Get(parsed, _memory, texts => ByteSize.Parse(texts[^1])),
        MaxModels = new ProgramConfiguration(context).Get(parsed, _maxModels, texts => ProgramSettingTable.ParseCount(texts[^1])),
        Settings = context.OpenSettings(),
        Store = StoreFactory.OpenDefault(),
        Aliases = (new ProgramConfiguration(context).Get(parsed, _aliases, texts => [.. texts.Select(ParseAlias)]) ?? []).DistinctBy(alias => alias.Key).ToDictionary(alias => alias.Key, alias => alias.Value),
        Warn = warning => Console.Error.WriteLine($"hearth: {TerminalText.Printable(warning)}"),
    };

    public TimeSpan ShutdownTimeout(ParseResult parsed, CliContext context) =>
        new ProgramConfiguration(context).Get(parsed, _shutdownTimeout, texts => KeepAlive.Parse(texts[^1])) ?? new HearthServerOptions().ShutdownTimeout;

    public ConnectionLimits Connections(ParseResult parsed, CliContext context)
    {
        ConnectionLimits limits = new();
        return limits with { MaxConnections = new ProgramConfiguration(context).Get(parsed, _maxConnections, texts => ProgramSettingTable.ParseCount(texts[^1])) ?? limits.MaxConnections };
    }

    public bool Preloads(ParseResult parsed, CliContext context) => new ProgramConfiguration(context).Get(parsed, _preload, texts => ProgramSettingTable.ParseFlag(texts[^1]));

    /// <summary>Reads another name of a model.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static KeyValuePair<string, string> ParseAlias(string text) => text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } model]
        ? KeyValuePair.Create(name, model)
        : throw new FormatException($"must be NAME=MODEL, not '{text}'.");

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
