using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Hearth.Server.Hosting;
using Hearth.Server.Models;
using Hearth.Store;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Storage;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests.ModelRunner;

/// <summary>A server over a store of its own.</summary>
internal sealed class StoreServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");
    private readonly ModelHost _host;
    private readonly WebApplication _app;

    private StoreServer(Uri? ollama)
    {
        RegistryOptions registries = new() { RetryDelay = TimeSpan.FromMilliseconds(1), Retries = 2, DockerConfigFolder = Path.Combine(_folder.FullName, "docker") };
        registries = ollama is null ? registries : registries with { Ollama = ollama };
        Store = StoreFactory.Open(Path.Combine(_folder.FullName, "models"), registries);
        _host = new ModelHost(new ModelHostOptions { Store = Store });
        _app = HearthServer.Create(_host, new HearthServerOptions { Listen = [ListenAddress.Parse("127.0.0.1:0")] });
    }

    public ModelStore Store { get; }

    public HttpClient Client { get; private set; } = null!;

    /// <param name="ollama">Ollama's registry; null for its own, which no test asks.</param>
    public static async Task<StoreServer> StartAsync(Uri? ollama = null)
    {
        StoreServer server = new(ollama);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        server.Client = new HttpClient { BaseAddress = new Uri(server._app.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
        return server;
    }

    /// <summary>Stores the built-in model under a name.</summary>
    public Task<StoredModel> AddGuideAsync(string name) => Store.PackageAsync(
        new PackageRequest { Gguf = BuiltInModels.Resolve(BuiltInModels.Guide), Created = DateTimeOffset.UnixEpoch }, ModelReference.Parse(name), null, TestContext.Current.CancellationToken);

    public Task<(int Status, JsonElement Body)> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public async Task<(int Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? json = null, string? origin = null)
    {
        (int status, string text) = await SendTextAsync(method, path, json, "application/json", origin);
        return (status, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    /// <summary>The lines of a stream of progress.</summary>
    public async Task<JsonElement[]> StreamAsync(string path, string json)
    {
        (int status, string text) = await SendTextAsync(HttpMethod.Post, path, json, "application/json");
        Assert.True(status == 200, text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public async Task<(int Status, string Body)> SendTextAsync(HttpMethod method, string path, string? json, string accept, string? origin = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", accept);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Asks a model for an answer.</summary>
    public async Task<(int Status, JsonElement Body)> AskAsync(string model, int? maxTokens = 4)
    {
        using HttpResponseMessage response = await Client.PostAsJsonAsync(
            "/v1/chat/completions",
            new { model, temperature = 0, max_tokens = maxTokens, messages = new[] { new { role = "user", content = "What is Hearth?" } } },
            TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _host.Dispose();
        _folder.Delete(recursive: true);
    }
}
