using System.Text.RegularExpressions;

namespace Hearth.Server.Access;

/// <summary>Origins of web pages: <c>https://app.example.com</c>, <c>https://*.example.com</c>, <c>http://localhost:*</c>, or <c>*</c> for all.</summary>
public sealed partial class OriginPattern
{
    private readonly string _scheme;
    private readonly string _host;
    private readonly string? _port;

    private OriginPattern(string text, string scheme, string host, string? port)
    {
        Text = text;
        _scheme = scheme;
        _host = host;
        _port = port;
    }

    /// <summary>Pages and programs of this machine, whatever their port.</summary>
    public static IReadOnlyList<OriginPattern> Local { get; } =
    [
        .. new[] { "http", "https" }.SelectMany(scheme => new[] { "localhost", "127.0.0.1", "[::1]" }.Select(host => Parse($"{scheme}://{host}:*"))),
        .. new[] { "app", "file", "tauri", "vscode-webview", "vscode-file" }.Select(scheme => Parse($"{scheme}://*")),
    ];

    /// <summary>The pattern as written.</summary>
    public string Text { get; }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static OriginPattern Parse(string text)
    {
        Match match = Pattern().Match(text);
        return text == "*" ? new OriginPattern(text, "*", "*", "*")
            : match.Success ? new OriginPattern(text, match.Groups["scheme"].Value, match.Groups["host"].Value, match.Groups["port"] is { Success: true } port ? port.Value : null)
            : throw new FormatException($"'{text}' is not an origin; expected SCHEME://HOST[:PORT], where HOST may begin with '*.' and PORT may be '*', or '*' for all.");
    }

    /// <summary>Whether an origin is meant.</summary>
    /// <param name="origin">The header's value: <c>SCHEME://HOST[:PORT]</c>, or <c>null</c> for pages that hide theirs.</param>
    public bool Matches(string origin)
    {
        if (Text == "*")
        {
            return true;
        }

        Match match = Pattern().Match(origin);
        return match.Success && match.Groups["host"].Value is var host && !host.Contains('*')
            && Is(_scheme, match.Groups["scheme"].Value)
            && (_host == "*" || (_host.StartsWith("*.", StringComparison.Ordinal) ? host.EndsWith(_host[1..], StringComparison.OrdinalIgnoreCase) && host.Length > _host.Length - 1 : Is(_host, host)))
            && (_port == "*" || (_port ?? string.Empty) == match.Groups["port"].Value);
    }

    private static bool Is(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    // Of programs such as editors, the host may be anything or nothing.
    [GeneratedRegex(@"^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?<host>\*|(\*\.)?[A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(:(?<port>[0-9]{1,5}|\*))?\z")]
    private static partial Regex Pattern();
}
