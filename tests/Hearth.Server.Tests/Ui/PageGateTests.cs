using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using Hearth.Engine.Scheduling;
using Hearth.Server.Access;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.Logging;
using Hearth.Server.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Tests.Ui;

/// <summary>Who gets the page, and what it may do.</summary>
public sealed class PageGateTests
{
    private const string Key = "open sesame";

    [Theory]
    [InlineData("GET", "/", "text/html", true)]
    [InlineData("HEAD", "/", "text/html,*/*", false)]
    [InlineData("GET", "/", "*/*", false)]
    [InlineData("GET", "/", null, false)]
    [InlineData("GET", "/", "application/json", false)]
    [InlineData("POST", "/", "text/html", false)]
    [InlineData("GET", "/models", "text/html", false)]
    [InlineData("GET", "/ui/models", null, true)]
    [InlineData("GET", "/uikit", "text/html", false)]
    [InlineData("POST", "/_blazor/negotiate", null, true)]
    public void Request_IsThePagesOrNot(string method, string path, string? accept, bool expected)
    {
        DefaultHttpContext context = new() { Request = { Method = method, Path = path } };
        context.Request.Headers.Accept = accept;

        Assert.Equal(expected, PagePaths.Contain(context.Request));
    }

    [Fact]
    public async Task Answers_HaveAPolicyWithoutInlineScripts()
    {
        await using Server server = await Server.StartAsync(null);

        using HttpResponseMessage page = await server.GetPageAsync("/");

        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?![^>]*src=)", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task KeyIsWantedForTheConnection_NotForTheEmptyPage()
    {
        await using Server server = await Server.StartAsync(Key);

        async Task<HttpStatusCode> NegotiateAsync(string query, string? key)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1" + query);
            if (key is not null)
            {
                request.Headers.Add("Authorization", "Bearer " + key);
            }

            using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return response.StatusCode;
        }

        using HttpResponseMessage page = await server.GetPageAsync("/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await NegotiateAsync(string.Empty, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await NegotiateAsync("&access_token=wrong", null));
        Assert.Equal(HttpStatusCode.OK, await NegotiateAsync(string.Empty, Key));
        Assert.Equal(HttpStatusCode.OK, await NegotiateAsync("&access_token=" + Uri.EscapeDataString(Key), null));
        using HttpResponseMessage models = await server.Client.GetAsync("/v1/models?access_token=" + Uri.EscapeDataString(Key), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, models.StatusCode);
    }

    [Fact]
    public async Task PagesThatAreOpen_AreBounded()
    {
        const int MaxConnections = 256;
        await using Server server = await Server.StartAsync(null);
        Uri address = new($"ws://{server.Client.BaseAddress!.Authority}/_blazor");
        List<ClientWebSocket> sockets = [];
        try
        {
            for (int i = 0; i < MaxConnections; i++)
            {
                sockets.Add(new ClientWebSocket());
                await sockets[^1].ConnectAsync(address, TestContext.Current.CancellationToken);
            }

            using ClientWebSocket more = new();
            more.Options.CollectHttpResponseDetails = true;
            await Assert.ThrowsAsync<WebSocketException>(() => more.ConnectAsync(address, TestContext.Current.CancellationToken));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, more.HttpStatusCode);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    [Theory]
    [InlineData(64 * 1024, false)]
    [InlineData((64 * 1024) + 16, true)]
    public async Task MessageOfAPage_IsBounded(int length, bool isRefused)
    {
        await using Server server = await Server.StartAsync(null);
        using ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri($"ws://{server.Client.BaseAddress!.Authority}/_blazor"), TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        byte[] answer = new byte[1024];
        WebSocketReceiveResult shaken = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal("{}\u001e", Encoding.UTF8.GetString(answer, 0, shaken.Count));

        // A ping (6) with a text behind it, which begins with its length, seven bits at a time.
        byte[] text = new byte[length - 10];
        int body = text.Length + 7;
        byte[] head = [(byte)(0x80 | (body & 0x7F)), (byte)(0x80 | ((body >> 7) & 0x7F)), (byte)(body >> 14), 0x92, 6, 0xDB, 0, (byte)(text.Length >> 16), (byte)(text.Length >> 8), (byte)text.Length];
        await socket.SendAsync((byte[])[.. head, .. text], WebSocketMessageType.Binary, endOfMessage: true, TestContext.Current.CancellationToken);
        if (!isRefused)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        }

        using MemoryStream rest = new();
        WebSocketReceiveResult received;
        do
        {
            received = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);
            rest.Write(answer, 0, received.Count);
        }
        while (received.MessageType != WebSocketMessageType.Close);

        Assert.Equal(isRefused, Encoding.UTF8.GetString(rest.ToArray()).Contains("closed with an error", StringComparison.Ordinal));
    }

    [Fact]
    public void RequestsOfAPage_CountForItsKey()
    {
        string folder = Directory.CreateTempSubdirectory("hearth-test-").FullName;
        ApiKeyStore keys = new(Path.Combine(folder, "keys.json"));
        string secret = keys.Create("limited", new ApiKey("limited", string.Empty, default) { RequestsPerMinute = 2 }, DateTimeOffset.UtcNow);
        AccessGate gate = new(new AccessOptions { Keys = keys }, listensLocally: true, TimeProvider.System);

        gate.Begin(ApiKey.HashOf(secret), KeyScope.Inference);
        gate.Begin(ApiKey.HashOf(secret), KeyScope.Inference);

        Assert.Equal("rate_limit_exceeded", Assert.Throws<ApiException>(() => gate.Begin(ApiKey.HashOf(secret), KeyScope.Inference)).Code);
        Assert.Equal("invalid_api_key", Assert.Throws<ApiException>(() => gate.Begin(null, KeyScope.Inference)).Code);
        keys.Remove("limited");
        Assert.Null(Record.Exception(() => gate.Begin(ApiKey.HashOf(secret), KeyScope.Inference)));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Files_AreCompressedAndKept()
    {
        await using Server server = await Server.StartAsync(null);
        using HttpResponseMessage page = await server.GetPageAsync("/");
        string html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        string script = Regex.Match(html, "ui/assets/blazor.web.js\\?v=[0-9a-f]+").Value;
        using HttpRequestMessage request = new(HttpMethod.Get, "/" + script);
        request.Headers.Add("Accept-Encoding", "gzip, br");

        using HttpResponseMessage file = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        using HttpResponseMessage none = await server.Client.GetAsync("/ui/assets/../secret", TestContext.Current.CancellationToken);

        Assert.Equal("br", Assert.Single(file.Content.Headers.ContentEncoding));
        Assert.InRange(file.Content.Headers.ContentLength ?? 0, 10_000, 80_000);
        Assert.Contains("immutable", file.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public void Journal_KeepsTextsOnlyWhileItIsTold()
    {
        RequestJournal journal = new(TimeProvider.System);
        RequestRecord before = journal.Begin("1", "a");
        before.Take(new TextDelta("hidden", []) { Tokens = 2 });
        journal.KeepsTexts = true;
        RequestRecord after = journal.Begin("2", "b");
        after.Take(new TextDelta("shown", []) { Tokens = 3 });

        Assert.Equal((null, 2), (before.Answer, before.CompletionTokens));
        Assert.Equal(("shown", 3), (after.Answer, after.CompletionTokens));
        journal.KeepsTexts = false;
        Assert.Null(after.Answer);
        Assert.Equal(["2", "1"], journal.Latest().Select(record => record.Id));
    }

    private sealed class Server(WebApplication app, ModelHost host) : IAsyncDisposable
    {
        public HttpClient Client { get; } = new() { BaseAddress = new Uri(app.Urls.First()) };

        public static async Task<Server> StartAsync(string? key)
        {
            ModelHost host = new();
            WebApplication app = HearthServer.Create(host, new HearthServerOptions { Listen = [ListenAddress.Parse("127.0.0.1:0")], Access = new AccessOptions { Key = key } });
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new Server(app, host);
        }

        public Task<HttpResponseMessage> GetPageAsync(string path)
        {
            HttpRequestMessage request = new(HttpMethod.Get, path);
            request.Headers.Add("Accept", "text/html");
            return Client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await app.DisposeAsync();
            host.Dispose();
        }
    }
}
