using System.Text;
using Hearth.Cli.Configuration;
using Hearth.Server.Settings;
using Hearth.Tests.Fuzzing;

namespace Hearth.Cli.Tests.Configuration;

/// <summary>Changed variables of the environment and changed settings of the server in the file: each has a value, or is refused with its name.</summary>
public sealed class ConfigurationFuzzTests(ITestOutputHelper output) : FuzzTests(output), IDisposable
{
    // Stands between the variables, each NAME=VALUE, and before the file.
    private const char Separator = '\u001e';
    private readonly TestCli _cli = new();

    private protected override FuzzTarget Target => new("configuration", Read)
    {
        Seeds =
        [
            .. ProgramSettingTable.All.SelectMany(setting => setting.Peers.Select(peer => peer.Name).Append(setting.Variable)).OfType<string>().Distinct()
                .SelectMany(name => (string[])["1", "on", "127.0.0.1:8080", "http://[::1]:5000/x,https://*.example.com", "5m", "-1", "8GiB", "q8_0"], (name, value) => Encoding.UTF8.GetBytes($"{name}={value}")),
            Encoding.UTF8.GetBytes($"A=B{Separator}{{\"server\":{{{string.Join(',', ProgramSettingTable.OfFile.Select(setting => $"\"{setting.Name}\":\"1\""))}}}}}"),
            Encoding.UTF8.GetBytes($"A=B{Separator}" + """{"server":{"listen":"0.0.0.0:80","allow-origin":["http://a","*"],"metrics":"off"}}"""),
        ],
        Words =
        [
            .. ProgramSettingTable.All.Select(setting => setting.Variable).OfType<string>().Select(name => $"{Separator}{name}="), .. ProgramSettingTable.OfFile.Select(setting => $"\"{setting.Name}\":"), ":", "::", "[", "]", "http://", "https://", ":0", ":65535", ":65536", "0.0.0.0", "localhost",
            "unix:/x", "tcp://", "*", ",", ";", "%", "@", "#", "?", "on", "off", "true", "none", "1h", "-1", "1e999", "99999999999h", "KiB", "é", "\0", "\"", "null", "[]",
        ],
        IsRefusal = FuzzTarget.Refusals(typeof(CliUsageException), typeof(SettingsFileException)),
        MaxMessage = int.MaxValue,
        Rounds = 400,
        MaxLength = 8 * 1024,
        AllocationPerByte = 4096,
    };

    public void Dispose() => _cli.Dispose();

    private string Read(byte[] bytes)
    {
        string[] parts = Encoding.UTF8.GetString(bytes).Split(Separator);
        File.WriteAllText(_cli.Combine("settings.json"), parts.Length > 1 && parts[^1].StartsWith('{') ? parts[^1] : "{}");
        Dictionary<string, string> variables = parts.Select(part => part.Split('=', 2)).Where(part => part.Length == 2).DistinctBy(part => part[0]).ToDictionary(part => part[0], part => part[1]);
        ProgramConfiguration configuration = new(_cli.Context with { Variable = name => variables.GetValueOrDefault(name) is { Length: > 0 } value ? value : null });
        SettingValue[] values = [.. ProgramSettingTable.All.Select(configuration.Find)];
        return string.Join(' ', values.Select(value => value.Source).Distinct().Order()) + string.Join(' ', ProgramSettingTable.All.Where((_, index) => values[index].Source != SettingSource.Default).Select(setting => setting.Name));
    }
}
