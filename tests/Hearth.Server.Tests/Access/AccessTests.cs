using System.Net.Http.Json;
using System.Text.Json;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Hearth.Server.Tests.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests.Access;

public sealed class AccessTests : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");
    private readonly ModelHost _host = new();
    private readonly List<WebApplication> _apps = [];

    private string KeyFile => Path.Combine(_folder.FullName, "api-keys.json");

    public async ValueTask DisposeAsync()
    {
        foreach (WebApplication app in _apps)
        {
            await app.DisposeAsync();
        }

        _host.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task WithoutKeys_EverybodyOfThisMachineIsLetIn()
    {
        using HttpClient client = await StartAsync(new AccessOptions { Keys = new ApiKeyStore(KeyFile) });

        Assert.Equal(200, await StatusAsync(client, "/v1/models", authorization: "Bearer anything"));
        Assert.Equal(200, await StatusAsync(client, "/v1/models"));
    }

    [Fact]
    public async Task Key_IsWantedAsSoonAsThereIsOneAndNotAnyMoreWhenItIsGone()
    {
        ApiKeyStore keys = new(KeyFile);
        using HttpClient client = await StartAsync(new AccessOptions { Keys = new ApiKeyStore(KeyFile) });

        string secret = keys.Create("tests", null, DateTimeOffset.UnixEpoch);

        Assert.Equal(401, await StatusAsync(client, "/v1/models"));
        Assert.Equal(401, await StatusAsync(client, "/v1/models", authorization: "Bearer " + secret + "x"));
        Assert.Equal(401, await StatusAsync(client, "/v1/models", authorization: "Basic " + secret));
        Assert.Equal(200, await StatusAsync(client, "/v1/models", authorization: "Bearer " + secret));
        Assert.Equal(200, await StatusAsync(client, "/v1/models", apiKey: secret));
        Assert.Equal(200, await StatusAsync(client, "/health"));
        Assert.DoesNotContain(secret, File.ReadAllText(KeyFile), StringComparison.Ordinal);
        Assert.True(keys.Remove("tests"));
        Assert.False(keys.Remove("tests"));
        Assert.Equal(200, await StatusAsync(client, "/v1/models"));
    }

    [Fact]
    public async Task KeyFile_ThatIsBrokenLetsNobodyIn()
    {
        File.WriteAllText(KeyFile, "{");
        using HttpClient client = await StartAsync(new AccessOptions { Keys = new ApiKeyStore(KeyFile) });

        Assert.Equal(500, await StatusAsync(client, "/v1/models"));
    }

    [Fact]
    public async Task KeyFile_IsOfItsUserOnly()
    {
        new ApiKeyStore(KeyFile).Create("tests", null, DateTimeOffset.UnixEpoch);

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        }

        using HttpClient client = await StartAsync(new AccessOptions { Key = "of the environment" });
        Assert.Equal(401, await StatusAsync(client, "/v1/models"));
        Assert.Equal(200, await StatusAsync(client, "/v1/models", authorization: "Bearer of the environment"));
    }

    [Fact]
    public void Limits_OfAKeyBeginAnewAfterTheirTime()
    {
        ManualTime time = new();
        KeyLimits limits = new(time);
        ApiKey key = new("tests", "hash", default) { RequestsPerMinute = 2, TokensPerMinute = 100, TokensPerDay = 150 };

        limits.Begin(key);
        limits.Begin(key);
        Errors.ApiException refused = Assert.Throws<Errors.ApiException>(() => limits.Begin(key));
        Assert.Equal((429, "rate_limit_exceeded", TimeSpan.FromMinutes(1)), (refused.Status, refused.Code, refused.RetryAfter));
        time.Advance(TimeSpan.FromMinutes(1));
        limits.Begin(key);
        limits.Add(key, 100);
        Assert.Contains("tokens in a minute", Assert.Throws<Errors.ApiException>(() => limits.Begin(key)).Message, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromMinutes(1));
        limits.Begin(key);
        limits.Add(key, 50);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Contains("tokens in a day", Assert.Throws<Errors.ApiException>(() => limits.Begin(key)).Message, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromDays(1));
        limits.Begin(key);
    }

    [Fact]
    public async Task Tokens_AreCountedWhicheverWayTheyAreAskedFor()
    {
        ApiKeyStore keys = new(KeyFile);
        string secret = keys.Create("tests", new ApiKey("tests", string.Empty, default) { TokensPerMinute = 4 }, DateTimeOffset.UnixEpoch);
        _host.Register("guide", BuiltInModels.Resolve(BuiltInModels.Guide));
        using HttpClient client = await StartAsync(new AccessOptions { Keys = new ApiKeyStore(KeyFile) });
        client.DefaultRequestHeaders.Add("x-api-key", secret);

        using HttpResponseMessage first = await client.PostAsJsonAsync("/v1/completions", new { model = "guide", prompt = "Hearth", max_tokens = 8 }, TestContext.Current.CancellationToken);
        using HttpResponseMessage second = await client.PostAsJsonAsync("/v1/completions", new { model = "guide", prompt = "Hearth", max_tokens = 8 }, TestContext.Current.CancellationToken);

        Assert.Equal((200, 429), ((int)first.StatusCode, (int)second.StatusCode));
        Assert.NotNull(second.Headers.RetryAfter);
    }

    [Fact]
    public async Task Tokens_OfAnAnswerThatIsBrokenOffAreCounted()
    {
        ApiKeyStore keys = new(KeyFile);
        string secret = keys.Create("tests", new ApiKey("tests", string.Empty, default) { TokensPerDay = 20 }, DateTimeOffset.UnixEpoch);
        _host.Register("guide", BuiltInModels.Resolve(BuiltInModels.Guide));
        using HttpClient client = await StartAsync(new AccessOptions { Keys = new ApiKeyStore(KeyFile) });
        client.DefaultRequestHeaders.Add("x-api-key", secret);
        using (HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(new { model = "guide", prompt = "Hearth", stream = true, ignore_eos = true, max_tokens = 900 }) })
        using (HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
        using (StreamReader stream = new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)))
        {
            for (int events = 0; events < 40; events++)
            {
                Assert.NotNull(await stream.ReadLineAsync(TestContext.Current.CancellationToken));
            }
        }

        // The server sees that the client has gone when it writes the next time.
        int status;
        while ((status = await StatusAsync(client, "/v1/models")) == 200)
        {
            await Task.Yield();
        }

        Assert.Equal(429, status);
    }

    [Theory]
    [InlineData("/v1/models%0a2026-01-01T00:00:00.000Z%20info%20forged")]
    [InlineData("/v1/models%0d%0aforged")]
    [InlineData("/v1/%1b[31mred")]
    [InlineData("/models/%e2%80%a8forged")]
    public async Task PathOfARequest_IsOneLineOfTheLog(string path)
    {
        using HttpClient client = await StartAsync(new AccessOptions());
        await StatusAsync(client, path);

        string log = await client.GetStringAsync("/logs", TestContext.Current.CancellationToken);

        string line = Assert.Single(log.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain(line, character => char.IsControl(character) || character == '\u2028');
    }

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("localhost:1234", 200)]
    [InlineData("hearth.localhost", 200)]
    [InlineData("own.name", 200)]
    [InlineData("evil.example", 403)]
    [InlineData("localhost.evil.example", 403)]
    [InlineData("model-runner.docker.internal", 200)]
    [InlineData("evil.local", 403)]
    public async Task Host_MustBeAName_OfThisMachine(string host, int status)
    {
        using HttpClient client = await StartAsync(new AccessOptions { Hosts = ["own.name"] });
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/models");
        request.Headers.Host = host;

        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Host_MayBeAnythingWhereOthersReachTheServer()
    {
        using HttpClient client = await StartAsync(new AccessOptions(), "0.0.0.0:0");
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/models");
        request.Headers.Host = "models.example";

        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task Origins_AreToldWhatTheyMayDo()
    {
        using HttpClient client = await StartAsync(new AccessOptions { Origins = [OriginPattern.Parse("https://*.example.com")], Key = "secret" });

        using HttpResponseMessage preflight = await SendAsync(client, HttpMethod.Options, "https://app.example.com", preflight: true);
        using HttpResponseMessage refused = await SendAsync(client, HttpMethod.Options, "https://evil.example", preflight: true);
        using HttpResponseMessage error = await SendAsync(client, HttpMethod.Get, "http://localhost:3000", preflight: false);
        using HttpResponseMessage posted = await SendAsync(client, HttpMethod.Post, "null", preflight: false);

        Assert.Equal((204, "https://app.example.com", "authorization"), ((int)preflight.StatusCode, Header(preflight, "Access-Control-Allow-Origin"), Header(preflight, "Access-Control-Allow-Headers")));
        Assert.Equal((403, null), ((int)refused.StatusCode, Header(refused, "Access-Control-Allow-Origin")));
        Assert.Equal((401, "http://localhost:3000", "Origin"), ((int)error.StatusCode, Header(error, "Access-Control-Allow-Origin"), Header(error, "Vary")));
        Assert.Equal(403, (int)posted.StatusCode);
    }

    [Theory]
    [InlineData("/v1/chat/completions", "text/plain")]
    [InlineData("/v1/files", "multipart/form-data; boundary=x")]
    [InlineData("/api/pull", "application/x-www-form-urlencoded")]
    [InlineData("/models/create", "text/plain")]
    [InlineData("/engines/unload", null)]
    [InlineData("/v1/models/x", "text/plain")]
    public async Task SimpleRequests_OfOtherSites_AreRefusedWithoutAPreflight(string path, string? type)
    {
        using HttpClient client = await StartAsync(new AccessOptions());
        foreach (string origin in (string[])["https://evil.example", "http://evil.example:12434", "null", "https://localhost.evil.example", "http://127.0.0.1.evil.example"])
        {
            using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new StringContent("{}") };
            request.Content.Headers.Remove("Content-Type");
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Sec-Fetch-Site", "cross-site");

            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal((403, null), ((int)response.StatusCode, Header(response, "Access-Control-Allow-Origin")));
            Assert.Contains($"Pages of '{origin}'", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/v1/models", "cross-site", "no-cors", "image", 403)]
    [InlineData("/models/evil.example/x?remote=true", "cross-site", "no-cors", "script", 403)]
    [InlineData("/", "cross-site", "navigate", "iframe", 403)]
    [InlineData("/v1/models", "cross-site", "navigate", "document", 403)]
    [InlineData("/", "cross-site", "navigate", "document", 200)]
    [InlineData("/health", "cross-site", "navigate", "document", 200)]
    [InlineData("/v1/models", "same-origin", "cors", "empty", 200)]
    [InlineData("/v1/models", "same-site", "no-cors", "image", 200)]
    [InlineData("/v1/models", "none", "navigate", "document", 200)]
    public async Task RequestsWithoutAnOrigin_OfOtherSites_AreRefusedUnlessAPersonFollowsALinkToThePage(string path, string site, string mode, string destination, int status)
    {
        using HttpClient client = await StartAsync(new AccessOptions());
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Add("Accept", "text/html");
        request.Headers.Add("Sec-Fetch-Site", site);
        request.Headers.Add("Sec-Fetch-Mode", mode);
        request.Headers.Add("Sec-Fetch-Dest", destination);

        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Answers_AllowNoPageUnlessItAsks()
    {
        using HttpClient client = await StartAsync(new AccessOptions());

        using HttpResponseMessage response = await client.GetAsync("/v1/models", TestContext.Current.CancellationToken);
        using HttpResponseMessage preflight = await SendAsync(client, HttpMethod.Options, "https://evil.example", preflight: true);

        Assert.All([response, preflight], answer => Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)));
        Assert.Equal(403, (int)preflight.StatusCode);
    }

    [Fact]
    public async Task RequestId_IsTheClientsOrANewOne()
    {
        using HttpClient client = await StartAsync(new AccessOptions());
        using HttpRequestMessage named = new(HttpMethod.Get, "/nowhere");
        named.Headers.Add("x-request-id", "mine-1");
        using HttpRequestMessage hostile = new(HttpMethod.Get, "/v1/models");
        hostile.Headers.TryAddWithoutValidation("x-request-id", "a b;c");

        using HttpResponseMessage first = await client.SendAsync(named, TestContext.Current.CancellationToken);
        using HttpResponseMessage second = await client.SendAsync(hostile, TestContext.Current.CancellationToken);

        Assert.Equal("mine-1", Header(first, "x-request-id"));
        Assert.Matches("^req_[0-9a-f]{32}$", Header(second, "x-request-id"));
        JsonElement body = await first.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal("not_found", body.GetProperty("error").GetProperty("code").GetString());
    }

    private async Task<HttpClient> StartAsync(AccessOptions access, string listen = "127.0.0.1:0")
    {
        WebApplication app = HearthServer.Create(_host, new HearthServerOptions { Listen = [ListenAddress.Parse(listen)], Access = access });
        _apps.Add(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{new Uri(app.Urls.First()).Port}") };
    }

    private static async Task<int> StatusAsync(HttpClient client, string path, string? authorization = null, string? apiKey = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (apiKey is not null)
        {
            request.Headers.Add("x-api-key", apiKey);
        }

        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string origin, bool preflight)
    {
        using HttpRequestMessage request = new(method, "/v1/models");
        request.Headers.Add("Origin", origin);
        if (preflight)
        {
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "authorization");
        }

        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values) : null;
}
