using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests;

/// <summary>The end of a server while it answers.</summary>
public sealed class ServerDrainTests : IDisposable
{
    private readonly ModelHost _host = new();
    private readonly HttpClient _client = new();

    public ServerDrainTests() =>
        _host.Register("guide", BuiltInModels.Resolve(BuiltInModels.Guide), new ServedModelOptions { Load = new() { ContextLength = 1 << 20, Parallel = 1 } });

    public void Dispose()
    {
        _client.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task RunningStream_FinishesAndNewRequestsAreRefused()
    {
        await using WebApplication app = await StartAsync(Timeout.InfiniteTimeSpan);
        StreamReader stream = await StreamAsync(maxTokens: 400);

        Task stopping = HearthServer.StopAsync(app, TestContext.Current.CancellationToken);
        using HttpResponseMessage refused = await _client.GetAsync("/health", TestContext.Current.CancellationToken);
        string rest = await stream.ReadToEndAsync(TestContext.Current.CancellationToken);
        await stopping;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("server_stopping", (await refused.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("error").GetProperty("code").GetString());
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.EndsWith("data: [DONE]\n\n", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("server_stopping", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_IsReadyUntilTheEndBeginsAndLiveUntilItIsThere()
    {
        await using WebApplication app = await StartAsync(Timeout.InfiniteTimeSpan);
        StreamReader stream = await StreamAsync(maxTokens: 400);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await StatusAsync("/health/live"), await StatusAsync("/health/ready")));

        Task stopping = HearthServer.StopAsync(app, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (await StatusAsync("/health/live"), await StatusAsync("/health/ready")));
        await stream.ReadToEndAsync(TestContext.Current.CancellationToken);
        await stopping;
    }

    [Theory]
    [InlineData("/v1/completions", "data: ", "\"code\":\"server_stopping\"}}\n\n")]
    [InlineData("/completion", "data: ", "\"type\":\"unavailable_error\"}}\n\n")]
    [InlineData("/v1/messages", "event: ", "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"")]
    [InlineData("/v1/responses", "event: ", "\"code\":\"server_stopping\"")]
    [InlineData("/v1/responses", "event: ", "event: response.failed\n")]
    public async Task StreamBeyondTheLimit_EndsWithAnErrorEvent(string path, string begin, string error)
    {
        await using WebApplication app = await StartAsync(TimeSpan.Zero);
        StreamReader stream = await StreamAsync(maxTokens: 1_000_000, path, begin);

        await HearthServer.StopAsync(app, TestContext.Current.CancellationToken);
        string rest = await stream.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Contains(error, rest, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("message_stop", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerBeyondTheLimit_Is503()
    {
        await using WebApplication app = await StartAsync(Timeout.InfiniteTimeSpan);
        using CancellationTokenSource hurry = new();
        Task<HttpResponseMessage> answer = _client.PostAsJsonAsync(
            "/v1/completions", new { prompt = "Hearth", ignore_eos = true, max_tokens = 1_000_000 }, TestContext.Current.CancellationToken);
        while (!_host.StatusOf(_host.Find("guide")).Any(status => status.Leases > 0))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Task stopping = HearthServer.StopAsync(app, hurry.Token);
        Assert.False(stopping.IsCompleted);
        await hurry.CancelAsync();
        await stopping;

        using HttpResponseMessage response = await answer;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using HttpResponseMessage response = await _client.GetAsync(path, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private async Task<WebApplication> StartAsync(TimeSpan shutdownTimeout)
    {
        WebApplication app = HearthServer.Create(_host, new HearthServerOptions { Listen = [ListenAddress.Parse("127.0.0.1:0")], ShutdownTimeout = shutdownTimeout });
        await app.StartAsync(TestContext.Current.CancellationToken);
        _client.BaseAddress = new Uri(app.Urls.First());
        return app;
    }

    /// <summary>A stream whose first event has been read.</summary>
    private async Task<StreamReader> StreamAsync(int maxTokens, string path = "/v1/completions", string begin = "data: ")
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path)
        {
            Content = path switch
            {
                "/v1/messages" => JsonContent.Create(
                    new { model = "guide", messages = (object[])[new { role = "user", content = "Hearth" }], stream = true, ignore_eos = true, max_tokens = maxTokens }),
                "/v1/responses" => JsonContent.Create(new { input = "Hearth", stream = true, ignore_eos = true, max_output_tokens = maxTokens }),
                _ => JsonContent.Create(new { prompt = "Hearth", stream = true, ignore_eos = true, max_tokens = maxTokens }),
            },
        };
        HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        StreamReader reader = new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith(begin, await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        return reader;
    }
}
