using System.Net;
using System.Net.Sockets;

namespace Hearth.EndToEnd.Tests;

/// <summary>A port of this machine that leads to somewhere else, slowly if need be, so that there is time to look.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private const int Piece = 16 * 1024;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly EndPoint _target;
    private readonly int? _bytesPerSecond;
    private readonly Task _accepting;

    /// <summary>Leads to a port of this machine.</summary>
    /// <param name="port">The port.</param>
    /// <param name="bytesPerSecond">How fast what it says is handed on.</param>
    public Relay(int port, int bytesPerSecond)
        : this(new IPEndPoint(IPAddress.Loopback, port), bytesPerSecond)
    {
    }

    /// <summary>Leads to a port or a socket of the file system.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="bytesPerSecond">How fast what it says is handed on; null for as fast as it can be.</param>
    public Relay(EndPoint target, int? bytesPerSecond = null)
    {
        _target = target;
        _bytesPerSecond = bytesPerSecond;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Whether it hands on as fast as it can.</summary>
    public bool HasHurry { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> relays = [];
        try
        {
            while (true)
            {
                relays.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_ended.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using (client)
        {
            using Socket server = new(_target.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await server.ConnectAsync(_target, _ended.Token);
                await using NetworkStream far = new(server, ownsSocket: false);
                await Task.WhenAny(client.GetStream().CopyToAsync(far, _ended.Token), CopySlowlyAsync(far, client.GetStream()));
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException)
            {
                // One of the two has gone.
            }
        }
    }

    private async Task CopySlowlyAsync(NetworkStream from, NetworkStream to)
    {
        byte[] buffer = new byte[Piece];
        while (await from.ReadAsync(buffer, _ended.Token) is int read and > 0)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), _ended.Token);
            if (_bytesPerSecond is int speed && !HasHurry)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)read / speed), _ended.Token);
            }
        }
    }
}
