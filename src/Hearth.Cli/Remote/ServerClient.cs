using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Hearth.Cli.Configuration;
using Hearth.Store.Registries;

namespace Hearth.Cli.Remote;

/// <summary>Asks a running server.</summary>
internal sealed class ServerClient : IDisposable
{
    /// <summary>The variable with the key that a server wants and a client shows.</summary>
    public const string KeyVariable = "HEARTH_API_KEY";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly ServerAddress _address;
    private readonly HttpClient _client;

    /// <param name="address">The server.</param>
    /// <param name="context">Has the key that the server may want.</param>
    public ServerClient(ServerAddress address, CliContext context)
    {
        _address = address;
        SocketsHttpHandler handler = ServerTrust.CreateHandler(address.Url, context);
        handler.UseProxy = false;
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
        if (new ProgramConfiguration(context).Find(ProgramSettingTable.Key) is { Texts: [string key] })
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>What a path gives.</summary>
    /// <exception cref="IOException">No server answers, or it refuses.</exception>
    public Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>What a path gives for a body.</summary>
    /// <exception cref="IOException">No server answers, or it refuses.</exception>
    public Task<JsonDocument> PostAsync(string path, string json, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, json, cancellationToken);

    /// <summary>The lines of text that a path gives, as they come.</summary>
    /// <exception cref="IOException">No server answers, it refuses, or it goes away meanwhile.</exception>
    public async IAsyncEnumerable<string> ReadLinesAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        using HttpResponseMessage response = await RequestAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw Refused(response, await response.Content.ReadAsStringAsync(cancellationToken));
        }

        using StreamReader lines = new(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        while (await lines.ReadLineAsync(cancellationToken) is string line)
        {
            yield return line;
        }
    }

    private IOException Refused(HttpResponseMessage response, string body) => new($"{_address.Text} answers {(int)response.StatusCode}: {MessageOf(body)}");

    private async Task<JsonDocument> SendAsync(HttpMethod method, string path, string? json, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, path) { Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = await RequestAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        string text = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            return response.IsSuccessStatusCode ? JsonDocument.Parse(text) : throw Refused(response, text);
        }
        catch (JsonException exception)
        {
            throw new IOException($"What answers at {_address.Text} is not Hearth: the answer is not JSON.", exception);
        }
    }

    private async Task<HttpResponseMessage> RequestAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.SendAsync(request, completion, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.GetBaseException() is RegistryException untrusted)
        {
            throw new IOException($"{_address.Text} is not asked: {untrusted.Message}", exception);
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
