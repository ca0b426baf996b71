using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Hearth.Server;

/// <summary>Where the server listens: <c>HOST:PORT</c> or <c>unix:PATH</c>.</summary>
public sealed record ListenAddress
{
    private readonly IPEndPoint? _endPoint;
    private readonly string? _socketPath;
    private readonly bool _isLocalhost;

    private ListenAddress(string text, IPEndPoint? endPoint, string? socketPath, bool isLocalhost)
    {
        Text = text;
        _endPoint = endPoint;
        _socketPath = socketPath;
        _isLocalhost = isLocalhost;
    }

    /// <summary>The address when none is given: this machine only.</summary>
    public static ListenAddress Default { get; } = Parse("127.0.0.1:12434");

    /// <summary>The address as written.</summary>
    public string Text { get; }

    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLocal => _endPoint is null || IPAddress.IsLoopback(_endPoint.Address);

    /// <summary>Whether it is reached over a network, be it this machine's own, and not by a file.</summary>
    public bool HasNetwork => _endPoint is not null;

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is not one; the message says what is expected.</exception>
    public static ListenAddress Parse(string text)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            string path = text["unix:".Length..];
            return path.Length > 0 ? new ListenAddress(text, null, CheckedSocketPath(path), false) : throw Wrong(text);
        }

        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? string.Empty : text[..colon].Trim('[', ']');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            throw Wrong(text);
        }

        return host switch
        {
            "localhost" => new ListenAddress(text, new IPEndPoint(IPAddress.Loopback, port), null, true),
            "*" => new ListenAddress(text, new IPEndPoint(IPAddress.IPv6Any, port), null, false),
            _ when IPAddress.TryParse(host, out IPAddress? address) => new ListenAddress(text, new IPEndPoint(address, port), null, false),
            _ => throw Wrong(text),
        };
    }

    /// <summary>Makes Kestrel listen here.</summary>
    /// <param name="kestrel">Kestrel.</param>
    /// <param name="configure">What is done with its connections.</param>
    internal void Apply(KestrelServerOptions kestrel, Action<ListenOptions> configure)
    {
        if (_socketPath is not null)
        {
            if (!Directory.Exists(Path.GetDirectoryName(_socketPath)))
            {
                throw new DirectoryNotFoundException($"Cannot listen on {Text}: the folder '{Path.GetDirectoryName(_socketPath)}' does not exist.");
            }

            RemoveStaleSocket(_socketPath);
            kestrel.ListenUnixSocket(_socketPath, configure);
        }
        else if (_isLocalhost && _endPoint!.Port != 0)
        {
            kestrel.ListenLocalhost(_endPoint.Port, configure);
        }
        else
        {
            kestrel.Listen(_endPoint!, configure);
        }
    }

    /// <summary>Makes the socket to listen with; one of the file system is for this user only before anybody can connect to it.</summary>
    internal static Socket Bind(EndPoint address)
    {
        Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        if (address is UnixDomainSocketEndPoint && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(address.ToString()!, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return socket;
    }

    // A socket left by a process that was killed would make the bind fail; only a socket that nobody answers on is removed.
    private static void RemoveStaleSocket(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused && new FileInfo(path).Length == 0)
        {
            File.Delete(path);
        }
        catch (SocketException)
        {
            // Not a socket, or not ours: the bind then says so.
        }
    }

    private static string CheckedSocketPath(string path)
    {
        string full = Path.GetFullPath(path);
        try
        {
            _ = new UnixDomainSocketEndPoint(full);
            return full;
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new FormatException($"'{full}' is too long for a socket: the system takes about 100 bytes. Choose a shorter path.", exception);
        }
    }

    private static FormatException Wrong(string text) => new($"'{text}' is not an address; expected HOST:PORT (127.0.0.1:12434, [::1]:12434, localhost:12434, *:12434) or unix:PATH.");
}
