using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hearth.EndToEnd.Tests.Load;

/// <summary>A server that answers each request as a test says, byte for byte.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Func<FakeReply, Task> _answer;
    private readonly Task _accepting;
    private int _inFlight;

    /// <param name="answer">Answers a completion.</param>
    public FakeServer(Func<FakeReply, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>The bodies of the completions, in the order in which they came.</summary>
    public ConcurrentQueue<string> Bodies { get; } = [];

    /// <summary>The most completions that were in flight at a time.</summary>
    public int MostInFlight { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _connections.Add(Task.Run(() => ServeAsync(client)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                Stream stream = client.GetStream();
                (string line, string body) = await ReadAsync(stream);
                FakeReply reply = new(stream, body, _stop.Token);
                if (line.StartsWith("GET /v1/models", StringComparison.Ordinal))
                {
                    await reply.StatusAsync("200 OK", """{"data": [{"id": "fake"}]}""");
                }
                else if (line.Length > 0)
                {
                    Bodies.Enqueue(body);
                    lock (Bodies)
                    {
                        MostInFlight = Math.Max(MostInFlight, ++_inFlight);
                    }

                    await _answer(reply);
                    lock (Bodies)
                    {
                        _inFlight--;
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            lock (Bodies)
            {
                _inFlight--;
            }
        }
    }

    private async Task<(string Line, string Body)> ReadAsync(Stream stream)
    {
        List<byte> received = [];
        byte[] buffer = new byte[16384];
        while (true)
        {
            string text = Encoding.UTF8.GetString([.. received]);
            int head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            string? length = text.Split("\r\n")
                .FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?.Split(':')[1];
            if (head >= 0 && text.Length - head - 4 >= int.Parse(length ?? "0"))
            {
                return (text.Split("\r\n")[0], text[(head + 4)..]);
            }

            int read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0)
            {
                return (string.Empty, string.Empty);
            }

            received.AddRange(buffer.AsSpan(0, read));
        }
    }
}
