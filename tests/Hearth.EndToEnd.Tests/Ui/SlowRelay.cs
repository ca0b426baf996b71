using System.Net;
using System.Net.Sockets;

namespace Hearth.EndToEnd.Tests.Ui;

/// <summary>Hands on what a local port says, slowly, so that there is time to look.</summary>
internal sealed class SlowRelay : IAsyncDisposable
{
    private const int Piece = 16 * 1024;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly int _target;
    private readonly int _bytesPerSecond;
    private readonly Task _accepting;

    public SlowRelay(int target, int bytesPerSecond)
    {
        _target = target;
        _bytesPerSecond = bytesPerSecond;
        _listener.Start();
        _accepting = AcceptAsync();
    }

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
            using TcpClient server = new();
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _ended.Token);
                await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream(), _ended.Token), CopySlowlyAsync(server.GetStream(), client.GetStream()));
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
            if (!HasHurry)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)read / _bytesPerSecond), _ended.Token);
            }
        }
    }
}
