using System.Net;
using System.Text;
using System.Text.Json;
using Hearth.Server.Access;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.Models;
using Hearth.Server.Settings;
using Hearth.Server.Ui;
using Hearth.Server.Ui.Pages;
using Hearth.Store.Registries;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;

namespace Hearth.Server.Tests.Access;

/// <summary>What keys with scopes may do, and what they are told of the rest.</summary>
public sealed class ScopeTests : IAsyncLifetime
{
    private static readonly KeyScope[] s_all = Enum.GetValues<KeyScope>();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");
    private readonly ModelHost _host;
    private readonly WebApplication _app;
    private readonly ApiKeyStore _keys;
    private readonly Dictionary<string, string> _secrets = [];
    private HttpClient _client = null!;

    public ScopeTests()
    {
        _keys = new ApiKeyStore(Path.Combine(_folder.FullName, "api-keys.json"));
        _host = new ModelHost(new ModelHostOptions { Store = StoreFactory.Open(Path.Combine(_folder.FullName, "models"), new RegistryOptions { Retries = 0 }) });
        _host.Register("guide", BuiltInModels.Resolve(BuiltInModels.Guide));
        _app = HearthServer.Create(_host, new HearthServerOptions
        {
            Listen = [ListenAddress.Parse("127.0.0.1:0")],
            Access = new AccessOptions { Keys = _keys, Key = "environment" },
            DataFolder = _folder.FullName,
        });
        foreach (KeyScope scope in s_all)
        {
            string name = KeyScopes.NameOf(scope);
            _secrets[name] = _keys.Create(name, new ApiKey(name, string.Empty, default) { Scopes = [scope] }, DateTimeOffset.UnixEpoch);
        }

        _secrets["old"] = _keys.Create("old", null, DateTimeOffset.UnixEpoch);
        _secrets["environment"] = "environment";
    }

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        _host.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("GET", "/v1/models", "inference models")]
    [InlineData("GET", "/models", "inference models")]
    [InlineData("GET", "/engines/ps", "inference models")]
    [InlineData("GET", "/api/version", "inference models metrics")]
    [InlineData("POST", "/v1/chat/completions", "inference")]
    [InlineData("POST", "/engines/hearth/v1/chat/completions", "inference")]
    [InlineData("POST", "/v1/messages", "inference")]
    [InlineData("POST", "/api/chat", "inference")]
    [InlineData("POST", "/completion", "inference")]
    [InlineData("GET", "/v1/files", "inference")]
    [InlineData("GET", "/v1/batches", "inference")]
    [InlineData("GET", "/slots", "inference")]
    [InlineData("POST", "/engines/unload", "models")]
    [InlineData("POST", "/engines/_configure", "models")]
    [InlineData("POST", "/models/create", "models")]
    [InlineData("POST", "/models/ai/smollm2/tag", "models")]
    [InlineData("DELETE", "/models/ai/smollm2", "models")]
    [InlineData("GET", "/models/ai/smollm2/export", "models")]
    [InlineData("GET", "/models/ai/smollm2?remote=true", "models")]
    [InlineData("POST", "/models/apply", "models")]
    [InlineData("POST", "/api/pull", "models")]
    [InlineData("DELETE", "/api/delete", "models")]
    [InlineData("GET", "/metrics", "metrics")]
    [InlineData("GET", "/logs", "")]
    [InlineData("POST", "/lora-adapters", "")]
    [InlineData("GET", "/nowhere", "inference models metrics")]
    [InlineData("PATCH", "/logs", "inference models metrics")]
    public async Task Route_WantsAScope(string method, string path, string scopes)
    {
        string[] allowed = [.. scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), "admin", "old", "environment"];
        List<string> let = [];
        foreach ((string name, string secret) in _secrets)
        {
            if ((await SendAsync(method, path, secret)).Status != HttpStatusCode.Forbidden)
            {
                let.Add(name);
            }
        }

        Assert.Equal(allowed.Order(), let.Order());
    }

    [Theory]
    [InlineData("/v1/completions", """{"error":{"message":"*","type":"permission_error","param":null,"code":"insufficient_scope"}}""")]
    [InlineData("/api/chat", """{"error":"*"}""")]
    [InlineData("/completion", """{"error":{"code":403,"message":"*","type":"permission_error"}}""")]
    [InlineData("/v1/messages", """{"type":"error","error":{"type":"permission_error","message":"*"},"request_id":"*"}""")]
    public async Task Refusal_NamesTheScope_InTheWordsOfTheApi(string path, string shape)
    {
        (HttpStatusCode status, string text) = await SendAsync("POST", path, _secrets["models"]);

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains($"The key 'models' is not for POST {path}: that needs the scope 'inference', and it has 'models'.", text, StringComparison.Ordinal);
        Assert.Equal(Names(JsonDocument.Parse(shape).RootElement), Names(JsonDocument.Parse(text).RootElement));
        Assert.Contains(path == "/api/chat" ? "inference" : "permission_error", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PreloadOnly_LoadsNothingWhereNoModelIsAsked()
    {
        foreach ((string path, string? key, HttpStatusCode expected) in ((string, string?, HttpStatusCode)[])
            [("/health", null, HttpStatusCode.MethodNotAllowed), ("/nowhere", _secrets["metrics"], HttpStatusCode.NotFound), ("/v1/completions", _secrets["metrics"], HttpStatusCode.Forbidden)])
        {
            (HttpStatusCode status, _) = await SendAsync("POST", path, key, """{"model":"guide"}""", preload: true);

            Assert.Equal(expected, status);
            Assert.Empty(_host.StatusOf(_host.Models[0]));
        }

        (HttpStatusCode allowed, _) = await SendAsync("POST", "/v1/completions", _secrets["inference"], """{"model":"guide"}""", preload: true);
        Assert.Equal(HttpStatusCode.OK, allowed);
        Assert.NotEmpty(_host.StatusOf(_host.Models[0]));
    }

    [Fact]
    public async Task Health_WantsNoKey()
    {
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/health", null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("GET", "/metrics", null)).Status);
    }

    [Fact]
    public void Page_MayDoWhatItsKeyMay()
    {
        AccessGate gate = new(new AccessOptions { Keys = _keys }, listensLocally: true, TimeProvider.System);
        string hash = ApiKey.HashOf(_secrets["inference"]);

        gate.Begin(hash, KeyScope.Inference);
        ApiException refused = Assert.Throws<ApiException>(() => gate.Begin(hash, KeyScope.Models));
        Assert.Equal((403, "insufficient_scope"), (refused.Status, refused.Code));
        Assert.True(gate.Allows(hash, KeyScope.Models, KeyScope.Inference));
        Assert.False(gate.Allows(hash, KeyScope.Admin));
        Assert.True(gate.Allows(ApiKey.HashOf(_secrets["old"]), KeyScope.Admin));
        Assert.False(gate.Allows(null, KeyScope.Inference));
        _keys.Remove("inference");
        Assert.False(gate.Allows(hash, KeyScope.Inference));
    }

    [Fact]
    public void EveryComponentWithAnAddress_SaysWhoMaySeeIt()
    {
        Type[] pages = [.. typeof(ChatPage).Assembly.GetTypes().Where(type => type.IsDefined(typeof(RouteAttribute), inherit: false))];

        Assert.True(pages.Length >= 5);
        Assert.All(pages, page => Assert.True(page.IsDefined(typeof(PageScopeAttribute), inherit: false), page.Name));
        Assert.Equal([KeyScope.Admin], PageScopeAttribute.Of(typeof(DashboardPage)));
        Assert.Equal([KeyScope.Inference], PageScopeAttribute.Of(typeof(ChatPage)));
        Assert.Equal([KeyScope.Admin], PageScopeAttribute.Of(typeof(string)));
    }

    [Fact]
    public void Scope_ThatIsUnknownLetsNobodyIn()
    {
        string file = Path.Combine(_folder.FullName, "other.json");
        File.WriteAllText(file, """{"keys":[{"name":"a","hash":"b","created":"2026-01-01T00:00:00Z","scopes":["everything"]}]}""");

        Assert.Throws<SettingsFileException>(() => new ApiKeyStore(file).List());
    }

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(string method, string path, string? key, string body = "{}", bool preload = false)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        if (method is "POST" or "DELETE")
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        if (key is not null)
        {
            request.Headers.Add("Authorization", "Bearer " + key);
        }

        if (preload)
        {
            request.Headers.Add("X-Preload-Only", "true");
        }

        using HttpResponseMessage response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static string Names(JsonElement element) => element.ValueKind == JsonValueKind.Object
        ? $"{{{string.Join(",", element.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal).Select(property => property.Name + Names(property.Value)))}}}"
        : string.Empty;
}
