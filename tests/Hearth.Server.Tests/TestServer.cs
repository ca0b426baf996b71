using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests;

/// <summary>A server on a free port.</summary>
public abstract class TestServer : IAsyncLifetime
{
    private WebApplication? _app;

    public HttpClient Client { get; private set; } = null!;

    internal IServiceProvider Services => _app!.Services;

    internal ModelHost Host { get; } = new();

    protected virtual HearthServerOptions Options => new() { Listen = [ListenAddress.Parse("127.0.0.1:0")] };

    public virtual async ValueTask InitializeAsync()
    {
        AddModels(Host);
        _app = HearthServer.Create(Host, Options);
        await _app.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
    }

    public virtual async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app!.DisposeAsync();
        Host.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Posts a JSON text and returns the status and the body.</summary>
    public async Task<(int Status, JsonElement Body)> PostAsync(string path, string json)
    {
        using StringContent content = new(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Client.PostAsync(path, content, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    /// <summary>Posts a JSON text and returns the data of each event of the stream.</summary>
    public async Task<List<string>> StreamAsync(string path, string json)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        string[] events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(events, data => Assert.StartsWith("data: ", data, StringComparison.Ordinal));
        return [.. events.Select(data => data["data: ".Length..])];
    }

    public static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    protected abstract void AddModels(ModelHost host);
}
