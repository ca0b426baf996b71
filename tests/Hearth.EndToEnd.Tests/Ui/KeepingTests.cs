using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Hearth.EndToEnd.Tests.Ui;

/// <summary>Conversations are kept by the browser: over reloads and restarts, in several tabs, in files, or not at all.</summary>
public sealed partial class KeepingTests(Chromium chromium)
{
    private const string Question = "What is Hearth?";
    private const int SlowBytesPerSecond = 30_000;

    [Fact]
    public async Task Reload_ShowsTheConversationAgain()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await visit.AskAsync(Question);
        string answer = await visit.Answer.Locator(".prose").InnerTextAsync();
        await visit.Prompt.FillAsync("half a thought");

        await visit.Page.ReloadAsync();

        await Assertions.Expect(visit.Answer.Locator(".prose")).ToHaveTextAsync(answer);
        await Assertions.Expect(visit.Prompt).ToHaveValueAsync("half a thought");
        await Assertions.Expect(visit.Page.Locator(".chats a")).ToHaveTextAsync(Question);
    }

    [Fact]
    public async Task PrivateConversation_IsKeptNowhere()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);

        await visit.Page.GetByLabel("New private chat").ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".badge")).ToContainTextAsync("Private");
        await visit.AskAsync(Question);

        Assert.Equal(0, await CountAsync(visit.Page));
        await visit.Page.ReloadAsync();
        await Assertions.Expect(visit.Page.Locator(".welcome")).ToBeVisibleAsync();
        Assert.Equal(0, await visit.Page.Locator(".chats a").CountAsync());
    }

    [Fact]
    public async Task TwoTabs_SeeTheSame()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        IPage other = await visit.OpenTabAsync();
        await Assertions.Expect(other.Locator(".welcome")).ToBeVisibleAsync();

        await visit.AskAsync(Question);
        await Assertions.Expect(other.Locator(".chats a")).ToHaveTextAsync(Question);
        await other.Locator(".chats a").ClickAsync();
        await Assertions.Expect(other.Locator(".message.assistant .prose")).ToHaveTextAsync(await visit.Answer.Locator(".prose").InnerTextAsync());
        await visit.AskAsync("Which port does it listen on?");

        await Assertions.Expect(other.Locator(".message.assistant .tools")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task ServerThatComesBack_IsFoundAgain()
    {
        PageServer server = await PageServer.StartAsync();
        int port = new Uri(server.Url).Port;
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await visit.AskAsync(Question);
        string answer = await visit.Answer.Locator(".prose").InnerTextAsync();

        await server.DisposeAsync();
        await Assertions.Expect(visit.Page.Locator("#connection")).ToBeVisibleAsync();
        await using PageServer again = await PageServer.StartAsync(port: port);

        await Assertions.Expect(visit.Page.Locator("#connection")).ToBeHiddenAsync();
        await Assertions.Expect(visit.Answer.Locator(".prose")).ToHaveTextAsync(answer);
        await visit.AskAsync(Question);
        await Assertions.Expect(visit.Page.Locator(".message.assistant")).ToHaveCountAsync(2);
    }

    [Theory]
    [InlineData("**/_blazor/negotiate*")]
    [InlineData("**/_blazor?id=*")]
    public async Task ConnectionThatFailsAtTheStart_IsTriedAgain(string address)
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server, "/ui/api");
        await Assertions.Expect(visit.Page.Locator("#snippet")).ToBeVisibleAsync();
        int failures = 0;
        await visit.Page.RouteAsync(address, route => ++failures > 2 ? route.ContinueAsync() : route.AbortAsync());
        await visit.Page.RouteWebSocketAsync(address, socket =>
        {
            if (++failures > 2)
            {
                socket.ConnectToServer();
            }
            else
            {
                _ = socket.CloseAsync();
            }
        });

        await visit.Page.GotoAsync(server.Url);
        await visit.AskAsync(Question);

        Assert.True(failures > 2, "Nothing failed.");
    }

    [Fact]
    public async Task SlowLink_IsEnough()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Relay relay = new(new Uri(server.Url).Port, SlowBytesPerSecond);
        await using Visit visit = await Visit.OpenAsync(chromium, $"http://127.0.0.1:{relay.Port}");

        await visit.SetAsync("#temperature", "0");
        await visit.AskAsync("How do I stream an answer?");
        await visit.Page.ReloadAsync();

        await Assertions.Expect(visit.Answer.Locator(".prose")).ToContainTextAsync("\"stream\": true");
        await Assertions.Expect(visit.Page.Locator("#connection")).ToBeHiddenAsync();
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task TwoHundredConversations_AreListedFoundAndOpened()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await Assertions.Expect(visit.Page.Locator(".welcome")).ToBeVisibleAsync();
        await visit.Page.EvaluateAsync("""
            async () => {
              const hearth = await import('/' + document.body.dataset.module);
              for (let i = 0; i < 200; i++) {
                const created = new Date(1.7e12 + i * 1e6).toISOString();
                const nodes = Array.from({ length: 10 }, (_, n) => ({
                  id: `n${n}`, parent: n ? `n${n - 1}` : null, role: n % 2 ? 'assistant' : 'user', created, content: `Message ${n} of ${i}. ` + 'word '.repeat(400),
                }));
                await hearth.saveChat(JSON.stringify({ chat: { id: `c${i}`, title: `Conversation ${i}`, created, updated: created, system: '', settings: {}, leaf: 'n9' }, nodes }));
              }
            }
            """);
        await visit.Page.ReloadAsync();

        await Assertions.Expect(visit.Page.Locator(".chats a")).ToHaveCountAsync(200);
        await Assertions.Expect(visit.Page.Locator(".chats a").First).ToHaveTextAsync("Conversation 199");
        await visit.Page.GetByLabel("Find a chat").FillAsync("sation 57");
        await Assertions.Expect(visit.Page.Locator(".chats a")).ToHaveCountAsync(1);
        await visit.Page.Locator(".chats a").ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".message")).ToHaveCountAsync(10);
        await Assertions.Expect(visit.Answer.Locator(".prose")).ToContainTextAsync("Message 9 of 57.");
        await visit.Page.Locator(".chats li").HoverAsync();
        await visit.Page.Locator(".chats button").ClickAsync();
        await visit.Page.GetByText("Remove?").ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".welcome")).ToBeVisibleAsync();
        Assert.Equal(199, await CountAsync(visit.Page));
    }

    [Theory]
    [InlineData("Export as JSON")]
    [InlineData("Export as Markdown")]
    public async Task Export_CanBeImported(string how)
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await visit.AskAsync(Question);
        string answer = await visit.Answer.Locator(".prose").InnerTextAsync();

        ILocator menu = visit.Page.Locator(".menu");
        await menu.Locator("summary").ClickAsync();
        IDownload file = await visit.Page.RunAndWaitForDownloadAsync(() => menu.GetByText(how).ClickAsync());
        string address = visit.Page.Url;
        await menu.Locator("input").SetInputFilesAsync(new FilePayload { Name = file.SuggestedFilename, MimeType = "text/plain", Buffer = await File.ReadAllBytesAsync(await file.PathAsync(), TestContext.Current.CancellationToken) });

        await visit.Page.WaitForURLAsync(url => url != address && ChatAddress().IsMatch(url));
        await Assertions.Expect(visit.Answer.Locator(".prose")).ToHaveTextAsync(answer);
        await Assertions.Expect(visit.Page.Locator(".chats a")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task Import_OfSomethingElse_IsToldSo()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        ILocator menu = visit.Page.Locator(".menu");
        await menu.Locator("summary").ClickAsync();

        await menu.Locator("input").SetInputFilesAsync(new FilePayload { Name = "x.json", MimeType = "application/json", Buffer = """{"chat": {"id": "a"}, "nodes": [{"id": "1", "role": "root", "content": ""}]}"""u8.ToArray() });

        await Assertions.Expect(menu.Locator(".error")).ToContainTextAsync("unknown role");
    }

    private static Task<int> CountAsync(IPage page) => page.EvaluateAsync<int>("""
        () => new Promise(done => {
          const request = indexedDB.open('hearth');
          request.onsuccess = () => {
            const count = request.result.transaction('chats').objectStore('chats').count();
            count.onsuccess = () => done(count.result);
          };
        })
        """);

    [GeneratedRegex(@"\?c=[0-9a-f]{12}$")]
    private static partial Regex ChatAddress();
}
