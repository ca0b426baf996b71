using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Hearth.Benchmarks.Load;

/// <summary>
/// Sends requests to one server, each over a connection of its own: llama-server closes those of streamed answers although it offers to
/// keep them, and what fails on such a connection says nothing about load.
/// </summary>
/// <param name="name">What the server is called in messages and tables.</param>
/// <param name="address">Where it answers, without <c>/v1</c>.</param>
/// <param name="api">Which of its addresses.</param>
/// <param name="timeLimit">The longest that one request may take.</param>
internal sealed class LoadClient(string name, Uri address, CompletionApi api, TimeSpan timeLimit) : IDisposable
{
    private const int MaxMessageLength = 200;
    private static readonly MediaTypeHeaderValue s_json = new("application/json");
    private readonly Uri _completions = new(address, api == CompletionApi.Chat ? "v1/chat/completions" : "v1/completions");
    private readonly FirstTokenEstimate _firstToken = new();
    private readonly HttpClient _http = new(
        new SocketsHttpHandler { UseProxy = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.Zero })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public string Name => name;

    /// <summary>The model that is asked for; null to leave it to the server.</summary>
    public string? Model { get; set; }

    public void Dispose() => _http.Dispose();

    /// <summary>The first model in the server's list, or null where it has none.</summary>
    /// <exception cref="LoadException">No server answers.</exception>
    public async Task<string?> FindModelAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeLimit);
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri(address, "v1/models"), limit.Token);
            using JsonDocument? list = response.IsSuccessStatusCode
                ? await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(limit.Token), default, limit.Token)
                : null;
            return list?.RootElement.GetProperty("data")[0].GetProperty("id").GetString();
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LoadException($"{address} does not answer within {timeLimit.TotalSeconds} s.", exception);
        }
        catch (HttpRequestException exception)
        {
            throw new LoadException($"No server answers at {address}: {exception.Message}", exception);
        }
        catch (Exception exception) when (
            exception is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Sends a request and reads its answer to the end; what goes wrong is in the result.</summary>
    public async Task<RequestResult> SendAsync(LoadRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        using ByteArrayContent content = new(RequestBody.Write(request, api, Model)) { Headers = { ContentType = s_json } };
        using HttpRequestMessage message = new(HttpMethod.Post, _completions) { Content = content };
        message.Headers.ConnectionClose = true;
        using CancellationTokenSource hangUp = CancellationTokenSource.CreateLinkedTokenSource(options.HangUp);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(hangUp.Token, cancellationToken);
        RequestResult result = new(options.Planned ?? Stopwatch.GetTimestamp()) { WantedTokens = request.AnswerTokens };
        limit.CancelAfter(timeLimit);
        if (request.HangUp is { AfterTexts: null, Wait: double wait })
        {
            hangUp.CancelAfter(TimeSpan.FromMilliseconds(wait * _firstToken.Milliseconds));
        }

        bool hasStatus = false;
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            hasStatus = true;
            if (response.IsSuccessStatusCode)
            {
                await ReadAsync(response, result, request.HangUp, options.TextReceived, limit.Token);
            }
            else
            {
                result.Failure = await FailureOfAsync(response, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            result.HungUp = hangUp.IsCancellationRequested;
            result.Failure = result.HungUp ? null : new Failure(FailureKind.TimeLimit, $"more than {timeLimit.TotalSeconds} s");
        }
        catch (BrokenEventException exception)
        {
            result.Failure = new Failure(FailureKind.BrokenEvent, exception.Message);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            FailureKind kind = hasStatus ? FailureKind.LostConnection : FailureKind.NoConnection;
            result.HungUp = hangUp.IsCancellationRequested;
            result.Failure = result.HungUp ? null : new Failure(kind, exception.GetBaseException().Message);
        }

        result.Ended = result.Ended == 0 ? Stopwatch.GetTimestamp() : result.Ended;
        if (request.HangUp is null && result.FirstTokenMilliseconds is double milliseconds)
        {
            _firstToken.Add(milliseconds);
        }

        return result;
    }

    private static async Task ReadAsync(
        HttpResponseMessage response, RequestResult result, HangUp? hangUp, Action<int>? textReceived, CancellationToken cancellationToken)
    {
        ServerSentEventReader reader = new(await response.Content.ReadAsStreamAsync(cancellationToken));
        AnswerState state = new(result, hangUp, textReceived);
        while (!state.IsOver && await reader.ReadAsync(cancellationToken))
        {
            while (!state.IsOver && reader.TryNext(out ReadOnlySpan<byte> data))
            {
                state.Take(data, reader.Timestamp);
            }
        }

        if (!state.IsOver && reader.TryLast(out ReadOnlySpan<byte> last))
        {
            state.Take(last, reader.Timestamp);
        }

        state.End(reader.Timestamp);
    }

    private static async Task<Failure> FailureOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string text = (await response.Content.ReadAsStringAsync(cancellationToken)).ReplaceLineEndings(" ").Trim();
        bool refused = response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests;
        RetryConditionHeaderValue? retry = response.Headers.RetryAfter;
        return new Failure(
            refused ? FailureKind.Refused : FailureKind.Status,
            $"{(int)response.StatusCode} {(text.Length <= MaxMessageLength ? text : text[..MaxMessageLength] + "…")}".Trim(),
            retry?.Delta ?? (retry?.Date - DateTimeOffset.UtcNow));
    }
}
