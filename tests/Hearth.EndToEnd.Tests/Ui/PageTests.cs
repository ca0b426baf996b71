using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Hearth.Server.Access;
using Hearth.Store.Tests.Fakes;
using Hearth.Tests;
using Microsoft.Playwright;

namespace Hearth.EndToEnd.Tests.Ui;

/// <summary>The page itself: who gets it, what it loads, whom it lets in, and how it is to use.</summary>
public sealed class PageTests(Chromium chromium)
{
    private const int MaxTransfer = 300_000;

    [Fact]
    public async Task Programs_StillGetOllamasAnswer()
    {
        await using PageServer server = await PageServer.StartAsync();

        Assert.Equal("Ollama is running", await server.Client.GetStringAsync("/", TestContext.Current.CancellationToken));
        using HttpRequestMessage probe = new(HttpMethod.Head, "/");
        using HttpResponseMessage probed = await server.Client.SendAsync(probe, TestContext.Current.CancellationToken);
        Assert.Equal("text/plain", probed.Content.Headers.ContentType?.MediaType);
        using HttpRequestMessage browser = new(HttpMethod.Get, "/");
        browser.Headers.Add("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        using HttpResponseMessage page = await server.Client.SendAsync(browser, TestContext.Current.CancellationToken);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Accept", page.Headers.Vary);
        Assert.False(page.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task FirstVisit_LoadsLittle()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await Assertions.Expect(visit.Prompt).ToBeVisibleAsync();

        long bytes = await visit.Page.EvaluateAsync<long>("() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, entry) => sum + entry.transferSize, 0)");

        Assert.InRange(bytes, 10_000, MaxTransfer);
    }

    [Fact]
    public async Task UnknownPage_SaysSo()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server, "/ui/nothing");

        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("There is no such page");
    }

    [Fact]
    public async Task Key_IsAskedForAndKeptInTheTab()
    {
        await using PageServer server = await PageServer.StartAsync(key: "open sesame");
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        ILocator form = visit.Page.Locator("#key-form");

        await form.GetByLabel("API key").FillAsync("wrong");
        await form.GetByText("Open").ClickAsync();
        await Assertions.Expect(form.Locator(".error")).ToContainTextAsync("does not know this key");
        await form.GetByLabel("API key").FillAsync("open sesame");
        await form.GetByText("Open").ClickAsync();
        await visit.AskAsync("What is Hearth?");
        await visit.Page.ReloadAsync();
        await Assertions.Expect(visit.Answer.Locator(".tools")).ToBeVisibleAsync();

        IPage other = await visit.OpenTabAsync();
        await Assertions.Expect(other.Locator("#key-form")).ToBeVisibleAsync();
        using HttpResponseMessage refused = await server.Client.PostAsync("/_blazor/negotiate?negotiateVersion=1", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task EncryptedPage_IsAPageAsAnyOther()
    {
        using TestCertificates certificates = new();
        await using PageServer server = await PageServer.StartAsync(key: "open sesame", tls: new TlsOptions(certificates.ServerFile) { KeyFile = certificates.KeyFile });
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        ILocator form = visit.Page.Locator("#key-form");

        await form.GetByLabel("API key").FillAsync("open sesame");
        await form.GetByText("Open").ClickAsync();
        await visit.AskAsync("What is Hearth?");

        Assert.StartsWith("https://", visit.Page.Url, StringComparison.Ordinal);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Connection_IsForThePageOfThisServerOnly()
    {
        await using PageServer server = await PageServer.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        request.Headers.Add("Origin", "http://localhost:1");

        using HttpResponseMessage refused = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Theory]
    [InlineData("/", false)]
    [InlineData("/", true)]
    [InlineData("/ui/models", false)]
    [InlineData("/ui/models", true)]
    [InlineData("/ui/dashboard", false)]
    [InlineData("/ui/dashboard", true)]
    [InlineData("/ui/api", false)]
    [InlineData("/ui/api", true)]
    public async Task Page_HasNoSeriousFaultOfAccessibility(string path, bool isDark)
    {
        string script = Path.Combine(Golden.RepositoryRoot, "tests", "clients", "node_modules", "axe-core", "axe.min.js");
        Assert.SkipUnless(File.Exists(script), "axe-core is not installed: npm ci in tests/clients.");
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server, path, isDark);
        await Assertions.Expect(visit.Page.Locator("h1")).ToBeAttachedAsync();
        if (path == "/")
        {
            await visit.SetAsync("#temperature", "0");
            await visit.Page.GetByLabel("Probabilities").CheckAsync();
            await visit.AskAsync("How do I stream an answer?");
            await visit.AskAsync("What is Hearth?");
            await visit.Answer.GetByLabel("Probabilities").ClickAsync();
            await visit.Answer.Locator(".token").First.ClickAsync();
            await Assertions.Expect(visit.Answer.Locator(".alternatives")).ToBeVisibleAsync();
        }
        else if (path == "/ui/models")
        {
            await visit.Page.Locator(".model summary").First.ClickAsync();
            await Assertions.Expect(visit.Page.Locator(".fit")).ToBeVisibleAsync();
            await visit.Page.Locator(".entries summary").ClickAsync();
        }

        await visit.Page.EvaluateAsync(await File.ReadAllTextAsync(script, TestContext.Current.CancellationToken) + ";0");
        JsonElement result = await visit.Page.EvaluateAsync<JsonElement>("async () => (await axe.run()).violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes: nodes.map(node => node.html + ' ' + node.failureSummary) }))");

        string[] serious = [.. result.EnumerateArray().Where(fault => fault.GetProperty("impact").GetString() is "serious" or "critical").Select(fault => fault.ToString())];
        Assert.Empty(serious);
    }

    [Fact]
    public async Task Keyboard_ReachesEverything()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await Assertions.Expect(visit.Prompt).ToBeFocusedAsync();
        await visit.Page.Keyboard.TypeAsync("What is Hearth?");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(visit.Answer.Locator(".tools")).ToBeVisibleAsync();

        ConcurrentDictionary<string, bool> reached = new();
        for (int i = 0; i < 40; i++)
        {
            await visit.Page.Keyboard.PressAsync("Tab");
            reached[await visit.Page.EvaluateAsync<string>("() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()")] = true;
        }

        foreach (string name in (string[])["Chat", "Models", "Dashboard", "API", "New chat", "Settings", "Copy", "Edit", "Answer again", "Continue", "Send", "Messages"])
        {
            Assert.Contains(name, reached.Keys);
        }
    }

    [Fact]
    public async Task Phone_OpensTheMenu()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server, isPhone: true);
        await Assertions.Expect(visit.Prompt).ToBeVisibleAsync();
        await Assertions.Expect(visit.Page.Locator("button.new")).ToBeHiddenAsync();

        await visit.Page.GetByLabel("Menu", new PageGetByLabelOptions { Exact = true }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Models" }).ClickAsync();

        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("Models");
        Assert.Equal(0, await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
    }
}
