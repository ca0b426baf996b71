using System.Text;

namespace Hearth.Server.Tests.Fuzzing;

/// <summary>A request that is to be sent as it is, however wrong.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The path and the query.</param>
/// <param name="Headers">The headers beside those of every request.</param>
/// <param name="Body">The body; null for none.</param>
internal sealed record FuzzRequest(string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, byte[]? Body)
{
    private const int Shown = 4000;

    /// <summary>Whether it is written to a connection byte for byte, so that it need not even be HTTP.</summary>
    public bool IsRaw { get; init; }

    /// <summary>The length that a raw request claims instead of its own; null for its own.</summary>
    public int? ClaimedLength { get; init; }

    /// <summary>Whether the client hangs up as soon as the answer begins.</summary>
    public bool IsAborted { get; init; }

    /// <summary>Whether the server may wait for more than it gets.</summary>
    public bool IsIncomplete => ClaimedLength > (Body?.Length ?? 0) || Headers.Any(header => header.Name is "Transfer-Encoding" or "Content-Length" or "Expect" or "Upgrade");

    /// <summary>Whether the answer may have no end: a log that is followed.</summary>
    public bool IsEndless => Target.Contains("follow", StringComparison.OrdinalIgnoreCase);

    /// <summary>What is written of a raw request.</summary>
    public byte[] ToBytes()
    {
        StringBuilder head = new($"{Method} {Target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n");
        foreach ((string name, string value) in Headers)
        {
            head.Append($"{name}: {value}\r\n");
        }

        if (Body is not null)
        {
            head.Append($"Content-Length: {ClaimedLength ?? Body.Length}\r\n");
        }

        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. Body ?? []];
    }

    public override string ToString()
    {
        string body = Body is null ? string.Empty : Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Shown, Body.Length)));
        string headers = string.Concat(Headers.Select(header => $"{header.Name}: {(header.Value.Length > 200 ? header.Value[..200] : header.Value)}\n"));
        return $"{(IsRaw ? "raw " : string.Empty)}{(IsAborted ? "aborted " : string.Empty)}{Method} {(Target.Length > 500 ? Target[..500] : Target)}\n{headers}{body}";
    }
}
