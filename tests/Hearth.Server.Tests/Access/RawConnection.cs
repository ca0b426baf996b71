using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hearth.Server.Tests.Access;

/// <summary>A connection whose client does what it likes.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly Socket _socket;

    private RawConnection(Socket socket) => _socket = socket;

    /// <summary>Connects to a socket's path, whose buffers are small, or to a port of this machine.</summary>
    public static async Task<RawConnection> OpenAsync(string? path, int port = 0)
    {
        EndPoint address = path is null ? new IPEndPoint(IPAddress.Loopback, port) : new UnixDomainSocketEndPoint(path);
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(address, TestContext.Current.CancellationToken);
        return new RawConnection(socket);
    }

    public void Dispose() => _socket.Dispose();

    public Task SendAsync(string text) => _socket.SendAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken).AsTask();

    /// <summary>Sends what the server may not want to take to its end.</summary>
    public async Task SendUnlessClosedAsync(string text)
    {
        try
        {
            await SendAsync(text);
        }
        catch (SocketException)
        {
            // The server has closed the connection meanwhile; what it answered can be read.
        }
    }

    /// <summary>What comes until there is enough of it, or the server closes the connection.</summary>
    /// <param name="isEnough">Whether there is enough; null to read to the end.</param>
    public async Task<string> ReadAsync(Func<string, bool>? isEnough = null)
    {
        StringBuilder text = new();
        byte[] buffer = new byte[16 * 1024];
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(s_patience);
        while (isEnough?.Invoke(text.ToString()) != true)
        {
            int count;
            try
            {
                count = await _socket.ReceiveAsync(buffer, patience.Token);
            }
            catch (SocketException)
            {
                // A reset is an end, too.
                count = 0;
            }

            if (count == 0)
            {
                break;
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
