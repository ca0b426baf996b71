using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hearth.Server.Tests.Fields;
using Hearth.Tests.Fuzzing;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.Tests.Fuzzing;

/// <summary>
/// Requests of each API with something changed: each is answered or refused, and none breaks the server or lets it hang. Rounds are the same in
/// every run; what <see cref="FuzzOptions"/> says decides how many there are, and with which to begin.
/// </summary>
public sealed partial class RequestFuzzTests(ITestOutputHelper output)
{
    internal const int DefaultRounds = 1200;
    private const int Workers = 4;
    private const int MaxFailures = 20;
    private const int FailuresOfAKind = 4;
    private const int RoundsBetweenPreparations = 25;
    private static readonly string[] s_methods = ["GET", "POST", "DELETE"];
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    public static TheoryData<string> Apis => [.. FieldList.Routes.Select(route => route.Api).Distinct().Where(api => FuzzOptions.Apis?.Contains(api) ?? true)];

    [Theory]
    [MemberData(nameof(Apis))]
    public async Task ChangedRequests_AreAnsweredOrRefused(string api)
    {
        int first = FuzzOptions.First;
        int rounds = FuzzOptions.Rounds ?? (FuzzOptions.Duration is null ? DefaultRounds : int.MaxValue - first);
        FieldServer server = new();
        await using IAsyncDisposable disposal = server;
        await server.InitializeAsync();
        RequestMutator mutator = new([.. FieldList.Routes.Where(route => route.Api == api)], Targets(server), server);
        ConcurrentDictionary<int, int> statuses = new();
        ConcurrentDictionary<string, string> failures = new();
        using HttpClient client = new() { BaseAddress = server.Client.BaseAddress, Timeout = Timeout.InfiniteTimeSpan };

        Stopwatch watch = Stopwatch.StartNew();
        long slowest = 0;
        int next = first - 1;
        async Task WorkAsync()
        {
            int round;
            while ((FuzzOptions.Duration is not { } duration || watch.Elapsed < duration) && (round = Interlocked.Increment(ref next)) < first + rounds && failures.Count < MaxFailures)
            {
                if (round % RoundsBetweenPreparations == 0)
                {
                    await server.PrepareAsync();
                }

                FuzzRequest request = mutator.Make(new Random(round));
                TimeSpan sent = watch.Elapsed;
                (int status, string text) = await SendAsync(client, request);
                InterlockedMax(ref slowest, (watch.Elapsed - sent).Ticks);
                statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
                if (Blame(request, status, text) is string why)
                {
                    // Of failures that look alike a few.
                    string kind = Numbers().Replace($"{request.Method} {request.Target.Split('?')[0]} {why} {(text.Length > 150 ? text[..150] : text)}", "#");
                    failures.TryAdd($"{kind} {round % FailuresOfAKind}", $"Round {round}: {why}\n{request}\n{status} {text}");
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(WorkAsync)));

        int done = statuses.Values.Sum();
        FuzzOptions.Report($"http-{api}", done, watch.Elapsed, failures.Count, TimeSpan.FromTicks(slowest), allocated: null);
        output.WriteLine($"{api}: {done} rounds; {string.Join(", ", statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} × {pair.Key}"))}");
        Assert.True(failures.IsEmpty, string.Join("\n\n", failures.Values));
        using HttpResponseMessage alive = await client.GetAsync("/health", TestContext.Current.CancellationToken);
        Assert.Equal("""{"status":"ok"}""", await alive.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    // Why an answer is none that should be given; null for a good one.
    private static string? Blame(FuzzRequest request, int status, string text) => status switch
    {
        Hung => "no answer",
        Closed or Aborted => null,
        // What is not there (infilling, saved slots), too many requests, models that are too large.
        501 or 503 or 507 => null,
        502 when request.IsAborted || text.Contains("cannot be reached", StringComparison.Ordinal) => null,
        504 when text.Contains("\"timeout\"", StringComparison.Ordinal) => null,
        >= 500 => "a failure",
        _ when text.Contains("internal_error", StringComparison.Ordinal) || text.Contains("The server failed while answering", StringComparison.Ordinal) => "a failure within",
        _ when !request.IsRaw && !IsWhole(text) => "broken JSON",
        _ => null,
    };

    private const int Hung = -1;
    private const int Closed = 0;
    private const int Aborted = 1;

    private static bool IsWhole(string text)
    {
        if (text.Length == 0 || text[0] is not ('{' or '['))
        {
            return true;
        }

        try
        {
            // Lines of JSON, or one object on any number of them.
            Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 256 });
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task<(int Status, string Text)> SendAsync(HttpClient client, FuzzRequest request)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            return request.IsRaw ? await SendRawAsync(client.BaseAddress!, request, patience.Token) : await SendHttpAsync(client, request, patience.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            // A connection that the server closes because of what it got.
            return (Closed, exception.Message);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return (Hung, string.Empty);
        }
    }

    private static async Task<(int Status, string Text)> SendHttpAsync(HttpClient client, FuzzRequest request, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = new();
        try
        {
            message.Method = new HttpMethod(request.Method);
            string target = new([.. request.Target.Select(character => character is > ' ' and < '\u007f' ? character : '_')]);
            message.RequestUri = new Uri(client.BaseAddress!.GetLeftPart(UriPartial.Authority) + (target.StartsWith('/') ? target : "/" + target), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        }
        catch (UriFormatException)
        {
            return await SendRawAsync(client.BaseAddress!, request, cancellationToken);
        }

        message.Content = request.Body is null ? null : new ByteArrayContent(request.Body) { Headers = { ContentType = MediaTypeHeaderValue.Parse("application/json") } };
        foreach ((string name, string value) in request.Headers.Where(header => header.Name is not ("Content-Length" or "Transfer-Encoding" or "Connection" or "Expect") && header.Value.All(char.IsAscii)))
        {
            if (!message.Headers.TryAddWithoutValidation(name, value) && message.Content is not null)
            {
                message.Content.Headers.Remove(name);
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using HttpResponseMessage response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return request.IsAborted || request.IsEndless ? ((int)response.StatusCode >= 500 ? (int)response.StatusCode : Aborted, string.Empty)
            : ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    private static async Task<(int Status, string Text)> SendRawAsync(Uri address, FuzzRequest request, CancellationToken cancellationToken)
    {
        using TcpClient connection = new();
        await connection.ConnectAsync(address.Host, address.Port, cancellationToken);
        NetworkStream stream = connection.GetStream();
        await stream.WriteAsync(request.ToBytes(), cancellationToken);
        if (request.IsIncomplete)
        {
            // There is nothing more to come. What is whole gets no such end: it means that the client has gone.
            connection.Client.Shutdown(SocketShutdown.Send);
        }

        if (request.IsAborted || request.IsEndless)
        {
            return (Aborted, string.Empty);
        }

        using MemoryStream answer = new();
        try
        {
            await stream.CopyToAsync(answer, cancellationToken);
        }
        catch (IOException)
        {
            // The server closes a connection with bytes that it has not read.
        }

        string text = Encoding.UTF8.GetString(answer.ToArray());
        return (text.Split(' ') is [_, string status, ..] && int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : Closed, text);
    }

    /// <summary>All routes of the server; those for all methods with some of them.</summary>
    private static List<(string Method, string Target)> Targets(FieldServer server) =>
    [
        .. ((IEndpointRouteBuilder)server.App).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().SelectMany(endpoint =>
            (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? s_methods).SelectMany(method => NamesFor(endpoint.RoutePattern.RawText!)
                .Select(name => (method, Parameter().Replace(endpoint.RoutePattern.RawText!, server.Fill(name)))))).Distinct(),
    ];

    private static string[] NamesFor(string pattern) => pattern.Contains("/jobs/", StringComparison.Ordinal) ? ["JOB", "00000000-0000-0000-0000-000000000000"]
        : pattern.Contains("{id}", StringComparison.Ordinal) ? ["RESPONSE", "FILE", "BATCH", "none"] : [FieldServer.Model, FieldServer.Stored];

    private static void InterlockedMax(ref long largest, long value)
    {
        long known;
        while ((known = Interlocked.Read(ref largest)) < value && Interlocked.CompareExchange(ref largest, value, known) != known)
        {
        }
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Numbers();
}
