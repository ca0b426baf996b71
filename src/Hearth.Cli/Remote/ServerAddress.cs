using System.CommandLine;
using Hearth.Server;

namespace Hearth.Cli.Remote;

/// <summary>Where a running server is.</summary>
internal sealed record ServerAddress(string Text, Uri Url, string? SocketPath)
{
    private const string Variable = "HEARTH_HOST";

    /// <summary>The option that gives it.</summary>
    public static Option<string?> CreateOption() => new("--host")
    {
        Description = $"The server to ask: HOST:PORT, a URL, or unix:PATH [default: ${Variable}, else {ListenAddress.Default.Text}]",
        HelpName = "ADDRESS",
    };

    /// <summary>The address that was given, else that of the environment, else the default.</summary>
    /// <exception cref="CliUsageException">It is not one.</exception>
    public static ServerAddress Read(string? given)
    {
        string text = given ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable ? variable : ListenAddress.Default.Text);
        if (text.StartsWith("unix:", StringComparison.Ordinal) && text.Length > "unix:".Length)
        {
            return new ServerAddress(text, new Uri("http://localhost"), Path.GetFullPath(text["unix:".Length..]));
        }

        string url = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "http" or "https" && parsed.Host.Length > 0
            ? new ServerAddress(text, new Uri(parsed.GetLeftPart(UriPartial.Authority)), null)
            : throw new CliUsageException($"'{text}' is not the address of a server; expected HOST:PORT, http://HOST:PORT or unix:PATH.");
    }
}
