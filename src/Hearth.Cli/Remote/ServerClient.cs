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
    private readonly bool _hasKey;

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
            _hasKey = true;
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>What a path gives.</summary>
    /// <exception cref="ServerException">No server answers, or it refuses.</exception>
    public Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>What a path gives for a body.</summary>
    /// <exception cref="ServerException">No server answers, or it refuses.</exception>
    public Task<JsonDocument> PostAsync(string path, string json, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, json, cancellationToken);

    /// <summary>The lines of text that a path gives, as they come.</summary>
    /// <exception cref="ServerException">No server answers, it refuses, or it goes away meanwhile.</exception>
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

    private ServerException Refused(HttpResponseMessage response, string body)
    {
        (string message, string? code) = Read(body);
        string answer = $"{_address.Text} answers {(int)response.StatusCode}: {message}";
        return ((int)response.StatusCode, code) switch
        {
            (_, null) => NotHearth($"it answers {(int)response.StatusCode}, and not as Hearth does", response),
            (401, _) => new ServerException(ServerFailure.Unauthorized, answer, _hasKey
                ? $"Set {KeyVariable} to another key: this one is none of that server's. 'hearth keys create NAME' makes one there."
                : $"Set {KeyVariable} to a key of that server; 'hearth keys create NAME' makes one there."),
            (403, "host_not_allowed") => new ServerException(ServerFailure.HostNotAllowed, answer, "Or ask it by its number, as in --host 127.0.0.1:12434."),
            (403, _) => new ServerException(ServerFailure.Forbidden, answer, $"Set {KeyVariable} to a key that may do this; 'hearth keys list' on the server's machine shows what each may."),
            (503, "server_stopping") => new ServerException(ServerFailure.Stopping, answer, "It ends when its requests have; start it again then, with 'hearth serve'."),
            _ => new ServerException(ServerFailure.Refused, answer, null),
        };
    }

    private ServerException NotHearth(string why, HttpResponseMessage? response, Exception? inner = null)
    {
        string program = response?.Headers.Server.ToString() is { Length: > 0 } name ? $" but {name}" : string.Empty;
        return new ServerException(
            ServerFailure.NotHearth, $"What answers at {_address.Text} is not Hearth{program}: {why}.", "Say with --host where Hearth is; if it is to listen there, end that program, or choose another address with 'hearth serve --listen'.", inner);
    }

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
            throw NotHearth("the answer is not JSON", response, exception);
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
            throw new ServerException(ServerFailure.Tls, $"{_address.Text} is not asked: {untrusted.Message}", null, exception);
        }
        catch (HttpRequestException exception)
        {
            throw Unreachable(exception);
        }
        catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ServerException(ServerFailure.NoAnswer, $"{_address.Text} did not answer within {s_patience.TotalSeconds} s.", "It is very busy, or stuck; start it again if that stays so.", exception);
        }
    }

    private ServerException Unreachable(HttpRequestException exception)
    {
        string reason = exception.InnerException?.Message ?? exception.Message;
        return exception.HttpRequestError switch
        {
            HttpRequestError.SecureConnectionError => new ServerException(
                ServerFailure.Tls, $"No TLS with {_address.Text}: {reason.TrimEnd('.')}.", "Say http:// if it has no certificate, and https:// only if it has one.", exception),
            HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse when _address.SocketPath is null => NotHearth(
                "it does not speak HTTP; if it wants TLS, say https:// before the address", null, exception),
            _ => new ServerException(
                ServerFailure.NobodyThere, $"No server answers at {_address.Text} ({reason}).", "Start one with 'hearth serve', or say where it is with --host.", exception),
        };
    }

    private static (string Message, string? Code) Read(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement error = document.RootElement.GetProperty("error");
            return (error.GetProperty("message").GetString() ?? body, (error.TryGetProperty("code", out JsonElement code) ? code.ToString() : null) ?? string.Empty);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return (body, null);
        }
    }
}
