using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Hearth.Cli.Remote;

/// <summary>Asks a running server.</summary>
internal sealed class ServerClient : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly ServerAddress _address;
    private readonly HttpClient _client;

    public ServerClient(ServerAddress address)
    {
        _address = address;
        SocketsHttpHandler handler = new() { UseProxy = false };
        if (address.SocketPath is string path)
        {
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        _client = new HttpClient(handler) { BaseAddress = address.Url, Timeout = s_patience };
    }

    public void Dispose() => _client.Dispose();

    /// <summary>What a path gives.</summary>
    /// <exception cref="IOException">No server answers, or it refuses.</exception>
    public Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>What a path gives for a body.</summary>
    /// <exception cref="IOException">No server answers, or it refuses.</exception>
    public Task<JsonDocument> PostAsync(string path, string json, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, json, cancellationToken);

    private async Task<JsonDocument> SendAsync(HttpMethod method, string path, string? json, CancellationToken cancellationToken)
    {
        try
        {
            using HttpRequestMessage request = new(method, path) { Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json") };
            using HttpResponseMessage response = await _client.SendAsync(request, cancellationToken);
            string text = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode ? JsonDocument.Parse(text) : throw new IOException($"{_address.Text} answers {(int)response.StatusCode}: {MessageOf(text)}");
        }
        catch (HttpRequestException exception)
        {
            throw new IOException(
                $"No server answers at {_address.Text} ({exception.InnerException?.Message ?? exception.Message}). Start one with 'hearth serve', or say where it is with --host.", exception);
        }
        catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"{_address.Text} did not answer within {s_patience.TotalSeconds} s.", exception);
        }
        catch (JsonException exception)
        {
            throw new IOException($"What answers at {_address.Text} is not Hearth: the answer is not JSON.", exception);
        }
    }

    private static string MessageOf(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.GetProperty("error").GetProperty("message").GetString() ?? body;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return body;
        }
    }
}
