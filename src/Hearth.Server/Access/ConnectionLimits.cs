using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Hearth.Server.Access;

/// <summary>
/// What a connection may take, and how slow it may be. Only what a client owes is timed: the rest of its headers and body, and the reading of what was
/// sent to it. An answer may be silent for as long as a model loads or thinks.
/// </summary>
public sealed record ConnectionLimits
{
    /// <summary>Connections at once; further ones are closed at once. Open pages have a limit of their own.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>Bytes of a request's first line.</summary>
    public int MaxRequestLineBytes { get; init; } = 8 * 1024;

    /// <summary>Headers of a request.</summary>
    public int MaxHeaders { get; init; } = 100;

    /// <summary>Bytes of all headers of a request.</summary>
    public int MaxHeaderBytes { get; init; } = 32 * 1024;

    /// <summary>How long the headers of a request may take to come.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may be open without a request.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long encryption may take to be agreed on.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes in a second that a client must at least send of a body, and read of an answer.</summary>
    public int MinBytesPerSecond { get; init; } = 240;

    /// <summary>How long a client may be slower than that; more than a second.</summary>
    public TimeSpan SlownessTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Bytes of an answer that wait for the client in the program; whoever writes more waits.</summary>
    public long MaxUnreadBytes { get; init; } = 64 * 1024;

    internal void Apply(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = MaxConnections;
        limits.MaxConcurrentUpgradedConnections = MaxConnections;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.RequestHeadersTimeout = HeadersTimeout;
        limits.KeepAliveTimeout = KeepAliveTimeout;
        limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, SlownessTimeout);
        limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, SlownessTimeout);
        limits.MaxResponseBufferSize = MaxUnreadBytes;
    }
}
