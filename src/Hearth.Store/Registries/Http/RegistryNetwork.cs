using System.Net;
using System.Net.Sockets;

namespace Hearth.Store.Registries.Http;

/// <summary>Names and connections, so that tests can say where a name leads.</summary>
internal class RegistryNetwork
{
    /// <summary>The addresses of a host.</summary>
    public virtual Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) ? Task.FromResult<IPAddress[]>([address]) : Dns.GetHostAddressesAsync(host, cancellationToken);

    /// <summary>Connects to the first of the addresses that answers.</summary>
    public virtual async Task<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether an address is of this machine or of a private network, where a registry elsewhere has no business.</summary>
    public static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        byte[] bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetwork ? IsPrivate(bytes)
            : IPAddress.IsLoopback(address) || address.Equals(IPAddress.IPv6Any) || address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6UniqueLocal
            || address.IsIPv6Multicast || Embedded(bytes) is byte[] embedded && IsPrivate(embedded);
    }

    // RFC 6890: this network, private use, shared, loopback, link local, multicast and reserved.
    private static bool IsPrivate(ReadOnlySpan<byte> address) => address[0] switch
    {
        0 or 10 or 127 or >= 224 => true,
        100 => address[1] is >= 64 and < 128,
        169 => address[1] == 254,
        172 => address[1] is >= 16 and < 32,
        192 => address[1] == 168,
        _ => false,
    };

    // IPv4-compatible addresses, NAT64 (RFC 6052) and 6to4 (RFC 3056) lead to an IPv4 address.
    private static byte[]? Embedded(byte[] address) =>
        address.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0 || address.AsSpan(0, 12).SequenceEqual((ReadOnlySpan<byte>)[0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) ? address[12..16]
        : address[0] == 0x20 && address[1] == 0x02 ? address[2..6]
        : null;
}
