using System.Globalization;
using System.Net;

namespace Hearth.Cli.Configuration;

/// <summary>Addresses as Ollama's variable <c>OLLAMA_HOST</c> has them: <c>[SCHEME://]HOST[:PORT]</c>, where every part may be left out.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">A name or an address, IPv6 in brackets.</param>
/// <param name="Port">The port.</param>
internal sealed record OllamaHost(string Scheme, string Host, int Port)
{
    private const int DefaultPort = 11434;

    /// <summary>Where a server listens, as <see cref="Server.ListenAddress"/> reads it.</summary>
    /// <exception cref="FormatException">It is a URL that this server cannot listen at.</exception>
    public string ListenText => Scheme == "http" ? $"{Host}:{Port}" : throw new FormatException("says https, for which it has no certificate: set HEARTH_LISTEN and HEARTH_TLS_CERTIFICATE instead.");

    /// <summary>Where a client finds the server.</summary>
    public string ClientText => $"{Scheme}://{(Host is "0.0.0.0" ? "127.0.0.1" : Host is "[::]" or "*" ? "[::1]" : Host)}:{Port}";

    /// <summary>Reads a text.</summary>
    /// <exception cref="FormatException">It is no address.</exception>
    public static OllamaHost Parse(string text)
    {
        string[] parts = text.Split("://", 2);
        string scheme = parts.Length == 2 ? parts[0] : "http";
        string authority = parts[^1].Split('/', 2)[0];
        int port = parts.Length < 2 ? DefaultPort : scheme == "https" ? 443 : 80;
        string host = authority;
        if (IPAddress.TryParse(authority.Trim('[', ']'), out IPAddress? address) && (authority.StartsWith('[') == authority.EndsWith(']')) && !IsPortOnly(authority))
        {
            host = address.ToString();
        }
        else if (authority.LastIndexOf(':') is >= 0 and int colon)
        {
            host = authority[..colon].Trim('[', ']');
            if (!ushort.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort given))
            {
                throw Wrong(text);
            }

            port = given;
        }

        host = host.Length == 0 ? "127.0.0.1" : host.Contains(':') ? $"[{host}]" : host;
        return scheme is "http" or "https" && Uri.TryCreate($"{scheme}://{host}:{port}", UriKind.Absolute, out _) ? new OllamaHost(scheme, host, port) : throw Wrong(text);
    }

    // "::1" is an address, ":1234" is a port.
    private static bool IsPortOnly(string authority) => authority.StartsWith(':') && authority.LastIndexOf(':') == 0;

    private static FormatException Wrong(string text) => new($"'{text}' is not an address; expected HOST, HOST:PORT or http://HOST:PORT.");
}
