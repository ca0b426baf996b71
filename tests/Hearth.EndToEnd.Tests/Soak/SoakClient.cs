using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests.Soak;

/// <summary>One of those who ask: one request after the other, of any kind, some of which it does not wait for.</summary>
internal sealed class SoakClient(SoakRun run, int seed) : IDisposable
{
    private const int LongestPatience = 400;
    private readonly Random _random = new(seed);
    private readonly HttpClient _http = new() { BaseAddress = run.Server.Client.BaseAddress, Timeout = TimeSpan.FromMinutes(3) };

    public void Dispose() => _http.Dispose();

    /// <summary>Asks until it is told to end, and then waits for the last answer.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        (int Weight, Func<Task> Work)[] works =
        [
            (60, () => AskAsync(Any(run.Cases))), (6, AskPulledAsync), (10, HangUpAsync), (2, SendHalfAsync), (2, KillClientAsync), (6, AskWronglyAsync),
            (3, PullAsync), (3, HangUpOnPullAsync), (3, RemoveAsync), (2, UnloadAsync), (2, LookAsync), (1, () => run.Batches.SendAsync(_http)), (2, KeepResponsesAsync),
        ];
        int total = works.Sum(work => work.Weight);
        while (!stop.IsCancellationRequested)
        {
            int drawn = _random.Next(total);
            Func<Task> work = works.First(work => (drawn -= work.Weight) < 0).Work;
            run.Tally.Begin();
            try
            {
                await work();
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException or SocketException)
            {
                // A server that was killed is gone for a time.
                if (run.MayBeGone)
                {
                    run.Tally.End("gone");
                    return;
                }

                run.Tally.Fail($"{work.Method.Name}: {exception.GetType().Name}: {exception.Message} {exception.InnerException?.Message}");
            }
        }
    }

    private async Task AskAsync(SoakCase asked)
    {
        using HttpRequestMessage request = asked.Request();
        using HttpResponseMessage response = await _http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        if (IsFull(response))
        {
            run.Tally.End("refused");
        }
        else if (response.StatusCode != HttpStatusCode.OK)
        {
            run.Tally.Fail($"{asked.Name}: {(int)response.StatusCode} {body}");
        }
        else
        {
            Compare(asked, body);
        }
    }

    private void Compare(SoakCase asked, string body)
    {
        try
        {
            string said = asked.Read(body);
            if (said == run.Expected[asked.Name])
            {
                run.Tally.End("answered");
            }
            else
            {
                run.Tally.Fail($"{asked.Name}: says '{said}' instead of '{run.Expected[asked.Name]}'");
            }
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            run.Tally.Fail($"{asked.Name}: {exception.Message}: {body}");
        }
    }

    // Two responses that are kept, the second of which goes on from the first; then both are removed.
    private async Task KeepResponsesAsync()
    {
        List<string> kept = [];
        bool isRefused = false;
        for (int turn = 0; turn < 2 && !isRefused; turn++)
        {
            using HttpRequestMessage request = SoakCases.Kept(kept.LastOrDefault()).Request();
            using HttpResponseMessage response = await _http.SendAsync(request);
            string body = await response.Content.ReadAsStringAsync();
            isRefused = IsFull(response);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                kept.Add(JsonNode.Parse(body)!["id"]!.GetValue<string>());
            }
            else if (!isRefused)
            {
                run.Tally.Fail($"a kept response: {(int)response.StatusCode} {body}");
                return;
            }
        }

        foreach (string id in kept)
        {
            using HttpResponseMessage removed = await _http.DeleteAsync($"/v1/responses/{id}");
            if (!removed.IsSuccessStatusCode)
            {
                run.Tally.Fail($"a kept response is not removed: {(int)removed.StatusCode} {await removed.Content.ReadAsStringAsync()}");
                return;
            }
        }

        run.Tally.End(isRefused ? "refused" : "kept and removed");
    }

    // Somebody else may have removed it.
    private async Task AskPulledAsync()
    {
        SoakCase asked = SoakCases.Pulled(Any(run.Models.Small));
        using HttpRequestMessage request = asked.Request();
        using HttpResponseMessage response = await _http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        if (IsFull(response))
        {
            run.Tally.End("refused");
        }
        else if (response.StatusCode == HttpStatusCode.OK)
        {
            Compare(asked, body);
        }
        else
        {
            Expect(response, body, asked.Name, "not there", 404);
        }
    }

    private async Task HangUpAsync()
    {
        SoakCase asked = _random.Next(2) == 0 ? SoakCases.Endless : Any(run.Cases);
        using CancellationTokenSource patience = new(_random.Next(LongestPatience));
        try
        {
            using HttpRequestMessage request = asked.Request();
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            await response.Content.ReadAsStringAsync(patience.Token);
            run.Tally.End("answered before hanging up");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            run.Tally.End("hung up");
        }
    }

    // The head says more than is sent; and with no time to linger the connection is reset, as by a machine that goes away.
    private async Task SendHalfAsync()
    {
        using TcpClient client = new() { LingerState = new LingerOption(true, 0) };
        await client.ConnectAsync(_http.BaseAddress!.Host, _http.BaseAddress.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"model\":\"gui"));
        await Task.Delay(_random.Next(LongestPatience));
        run.Tally.End("half sent");
    }

    private async Task KillClientAsync()
    {
        Uri address = new(_http.BaseAddress!, SoakCases.Endless.Path);
        ProcessStartInfo start = new("curl", ["-sN", "-H", "Content-Type: application/json", "-d", SoakCases.Endless.Body.ToJsonString(), address.ToString()]) { RedirectStandardOutput = true };
        using Process curl = Process.Start(start)!;
        await curl.StandardOutput.ReadLineAsync();
        curl.Kill();
        await curl.WaitForExitAsync();
        run.Tally.End("client killed");
    }

    private async Task AskWronglyAsync()
    {
        (SoakCase asked, int status) = Any(SoakCases.Broken);
        using HttpRequestMessage request = asked.Request();
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await _http.SendAsync(request);
        Expect(response, await response.Content.ReadAsStringAsync(), asked.Name, "told what is wrong", status);
    }

    private async Task PullAsync()
    {
        string reference = Any(run.Models.Small);
        using HttpRequestMessage request = Pull(reference);
        using HttpResponseMessage response = await _http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        if (response.StatusCode == HttpStatusCode.OK && body.TrimEnd().Split('\n')[^1].Contains("\"success\"", StringComparison.Ordinal))
        {
            run.Tally.End("pulled");
        }
        else
        {
            run.Tally.Fail($"pull {reference}: {(int)response.StatusCode} {body}");
        }
    }

    private async Task HangUpOnPullAsync()
    {
        using CancellationTokenSource patience = new(_random.Next(LongestPatience * 2));
        try
        {
            using HttpRequestMessage request = Pull(_random.Next(3) == 0 ? Any(run.Models.Small) : run.Models.Large);
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            await response.Content.ReadAsStringAsync(patience.Token);
            run.Tally.End("pulled before hanging up");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            run.Tally.End("pull cancelled");
        }
    }

    private async Task RemoveAsync()
    {
        string reference = _random.Next(3) == 0 ? run.Models.Large : Any(run.Models.Small);
        using HttpResponseMessage response = await _http.DeleteAsync($"/models/{reference}");
        string body = await response.Content.ReadAsStringAsync();
        if (response.StatusCode == HttpStatusCode.OK)
        {
            run.Tally.End("removed");
        }
        else
        {
            Expect(response, body, $"remove {reference}", "not there", 404);
        }
    }

    private async Task UnloadAsync()
    {
        using StringContent content = new("""{"all":true}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _http.PostAsync("/engines/unload", content);
        Expect(response, await response.Content.ReadAsStringAsync(), "unload", "unloaded", 200);
    }

    private async Task LookAsync()
    {
        string path = Any<string>(["/metrics", "/engines/ps", "/models", "/api/tags", "/v1/models", "/engines/df", "/logs", "/props"]);
        using HttpResponseMessage response = await _http.GetAsync(path);
        Expect(response, await response.Content.ReadAsStringAsync(), path, "looked", 200);
    }

    private void Expect(HttpResponseMessage response, string body, string what, string outcome, int status)
    {
        if ((int)response.StatusCode == status)
        {
            run.Tally.End(outcome);
        }
        else
        {
            run.Tally.Fail($"{what}: {(int)response.StatusCode} instead of {status}: {body}");
        }
    }

    private static bool IsFull(HttpResponseMessage response) => response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null;

    private static HttpRequestMessage Pull(string reference)
    {
        HttpRequestMessage request = new(HttpMethod.Post, "/models/create") { Content = new StringContent($$"""{"from":"{{reference}}"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/json");
        return request;
    }

    private T Any<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];
}
