using System.CommandLine;
using Hearth.Cli.Configuration;
using Hearth.Server.Access;

namespace Hearth.Cli.Commands;

/// <summary>The options of a server that say who may ask.</summary>
internal sealed class AccessOptionSet
{
    private readonly Option<OriginPattern[]> _origins = new("--allow-origin")
    {
        Description = "Pages that may ask, beside those of this machine: https://app.example.com, https://*.example.com, * for all; may be given several times",
        HelpName = "ORIGIN",
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result => [.. result.Tokens.Select(token => HostOptionSet.Read(result, _ => OriginPattern.Parse(token.Value))).OfType<OriginPattern>()],
    };

    private readonly Option<string[]> _hosts = new("--allow-host")
    {
        Description = "A name of this machine that requests may be addressed to while only this machine is listened to; may be given several times",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = false,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_origins);
        command.Options.Add(_hosts);
    }

    public AccessOptions Read(ParseResult parsed, CliContext context) => new()
    {
        Keys = context.OpenKeys(),
        Key = new ProgramConfiguration(context).Find(ProgramSettingTable.Key) is { Texts: [string key] } ? key : null,
        Origins = new ProgramConfiguration(context).Get(parsed, _origins, texts => [.. texts.Select(OriginPattern.Parse)]) ?? [],
        Hosts = new ProgramConfiguration(context).Get(parsed, _hosts, texts => [.. texts]) ?? [],
    };
}
