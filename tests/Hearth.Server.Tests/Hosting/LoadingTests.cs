using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests.Hosting;

/// <summary>Loading, waiting and refusing as clients see it: two models of which one fits, and a third that never does.</summary>
public sealed class LoadingTests(MixedServer mixed) : IAsyncLifetime
{
    private const string Chat = "/v1/chat/completions";
    private const string Question = """{"model":"guide","max_tokens":2,"messages":[{"role":"user","content":"hi"}]KEEP}""";
    private readonly ManualTime _time = new();
    private ModelHost? _host;
    private WebApplication? _app;
    private HttpClient _client = new();

    public async ValueTask InitializeAsync()
    {
        ServedModelOptions small = new() { Load = new LanguageModelOptions { ContextLength = 64, Parallel = 1 } };
        using ModelHost measuring = new();
        long guide = measuring.Register("guide", BuiltInModels.Resolve(BuiltInModels.Guide), small).Estimate.Total;
        _host = new ModelHost(new ModelHostOptions { MemoryBytes = guide }, _time);
        _host.Register("guide", BuiltInModels.Resolve(BuiltInModels.Guide), small);
        _host.Register("other", mixed.EmbedderPath);
        _host.Register("huge", BuiltInModels.Resolve(BuiltInModels.Guide), new ServedModelOptions { Load = new LanguageModelOptions { ContextLength = 100_000 } });
        _app = HearthServer.Create(_host, new HearthServerOptions { Listen = [ListenAddress.Parse("127.0.0.1:0")] });
        await _app.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app!.DisposeAsync();
        _host!.Dispose();
    }

    [Fact]
    public async Task Request_LoadsAndAnotherModelReplaces()
    {
        Assert.Equal(0, _host!.UsedBytes);

        Assert.Equal(200, (int)(await PostAsync(Chat, Question.Replace("KEEP", string.Empty, StringComparison.Ordinal))).StatusCode);
        Assert.Equal((1, 0), (Loaded("guide"), Loaded("other")));
        Assert.Equal(200, (int)(await PostAsync("/v1/embeddings", """{"model":"other","input":"hi"}""")).StatusCode);
        Assert.Equal((0, 1), (Loaded("guide"), Loaded("other")));
    }

    [Fact]
    public async Task BadRequest_LoadsNothing()
    {
        Assert.Equal(400, (int)(await PostAsync(Chat, """{"model":"guide","messages":[]}""")).StatusCode);
        Assert.Equal(400, (int)(await PostAsync("/v1/completions", """{"model":"guide","prompt":[99999999]}""")).StatusCode);
        Assert.Equal(400, (int)(await PostAsync("/v1/embeddings", """{"model":"other"}""")).StatusCode);

        Assert.Equal(0, _host!.UsedBytes);
    }

    [Fact]
    public async Task ModelThatCanNeverFit_Is507WithTheNumbers()
    {
        using HttpResponseMessage response = await PostAsync(Chat, """{"model":"huge","messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal(507, (int)response.StatusCode);
        JsonElement error = await ErrorAsync(response);
        Assert.Equal("model_too_large", error.GetProperty("code").GetString());
        Assert.Matches(@"`huge` needs about [\d.]+ [GM]iB .+ models may have [\d.]+ [GM]iB", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task RequestThatWaitsTooLong_Is503WithRetryAfter()
    {
        using ModelLease<LanguageModel> busy = await _host!.AcquireLanguageAsync("guide", cancellationToken: TestContext.Current.CancellationToken);
        Task<HttpResponseMessage> waiting = PostAsync("/v1/embeddings", """{"model":"other","input":"hi"}""");
        while (!_time.HasTimerIn(_host.Options.MaxWait))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        _time.Advance(_host.Options.MaxWait);

        using HttpResponseMessage response = await waiting;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        Assert.Equal("model_busy", (await ErrorAsync(response)).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("\"0s\"")]
    public async Task KeepAliveZero_UnloadsAfterTheRequest(string keepAlive)
    {
        using HttpResponseMessage response = await PostAsync(Chat, Question.Replace("KEEP", $",\"keep_alive\":{keepAlive}", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        while (_host!.UsedBytes != 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("", 5)]
    [InlineData(",\"keep_alive\":\"20m\"", 20)]
    [InlineData(",\"keep_alive\":120", 2)]
    [InlineData(",\"keep_alive\":-1", null)]
    public async Task KeepAlive_IsTheRequests(string field, int? minutes)
    {
        using HttpResponseMessage response = await PostAsync(Chat, Question.Replace("KEEP", field, StringComparison.Ordinal));

        InstanceStatus status = Assert.Single(_host!.StatusOf(_host.Find("guide")));
        while (status.Leases > 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
            status = Assert.Single(_host.StatusOf(_host.Find("guide")));
        }

        Assert.Equal(minutes is int given ? _time.GetUtcNow() + TimeSpan.FromMinutes(given) : null, status.ExpiresAt);
    }

    private int Loaded(string name) => _host!.StatusOf(_host.Find(name)).Count();

    private async Task<HttpResponseMessage> PostAsync(string path, string json)
    {
        using StringContent content = new(json, Encoding.UTF8, "application/json");
        return await _client.PostAsync(path, content, TestContext.Current.CancellationToken);
    }

    private static async Task<JsonElement> ErrorAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("error");
}
