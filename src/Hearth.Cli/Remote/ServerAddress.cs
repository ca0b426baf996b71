using System.CommandLine;
using Hearth.Cli.Commands;
using Hearth.Cli.Configuration;
using Hearth.Server;

namespace Hearth.Cli.Remote;

/// <summary>Where a running server is.</summary>
internal sealed record ServerAddress(string Text, Uri Url, string? SocketPath)
{
    /// <summary>The option that gives it.</summary>
    public static Option<string?> CreateOption() => new("--host")
    {
        Description = $"The server to ask: HOST:PORT, a URL, or unix:PATH [default: ${ProgramSettingTable.Host.Variable}, else {ListenAddress.Default.Text}]",
        HelpName = "ADDRESS",
    };

    /// <summary>The address that was given, else that of the environment, else where a server here listens.</summary>
    /// <exception cref="CliUsageException">It is not one.</exception>
    public static ServerAddress Read(string? given, CliContext context)
    {
        SettingValue value = given is null ? new ProgramConfiguration(context).Find(ProgramSettingTable.Host) : new SettingValue([given], SettingSource.Flag, "--host");
        bool isNamed = value.Source == SettingSource.Flag || value.Origin == ProgramSettingTable.Host.Variable;
        return ProgramConfiguration.Parse(value, texts => texts.Count > 0 && isNamed ? Parse(texts[0]) : OfListener(texts.Count > 0 ? texts[0] : ListenAddress.Default.Text, context));
    }

    /// <summary>Where a client finds the server that listens on an address.</summary>
    public static string ClientText(string listen) => listen.Split(':') switch
    {
        ["0.0.0.0", string port] => $"127.0.0.1:{port}",
        ["*", string port] => $"127.0.0.1:{port}",
        _ => listen.Replace("[::]:", "[::1]:", StringComparison.Ordinal),
    };

    /// <summary>Where to ask the server that listens on an address here.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static ServerAddress OfListener(string listen, CliContext context) => Parse(Encrypted(ClientText(listen), context));

    // A server here is encrypted if it is set up so.
    private static string Encrypted(string text, CliContext context) =>
        !text.Contains("://", StringComparison.Ordinal) && !text.StartsWith("unix:", StringComparison.Ordinal) && TlsOptionSet.Configured(context) is not null ? $"https://{text}" : text;

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static ServerAddress Parse(string text)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal) && text.Length > "unix:".Length)
        {
            return new ServerAddress(text, new Uri("http://localhost"), Path.GetFullPath(text["unix:".Length..]));
        }

        string url = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "http" or "https" && parsed.Host.Length > 0
            ? new ServerAddress(text, new Uri(parsed.GetLeftPart(UriPartial.Authority)), null)
            : throw new FormatException($"'{text}' is not the address of a server; expected HOST:PORT, http://HOST:PORT, https://HOST:PORT or unix:PATH.");
    }
}
