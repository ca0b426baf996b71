using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Hearth.EndToEnd.Tests.Ui;

/// <summary>Somebody who looks at a server's page. There is no network but this machine, and nothing may be asked of another one.</summary>
internal sealed class Visit : IAsyncDisposable
{
    // The server compiles the page while the first one looks at it.
    private const float Patience = 60_000;
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _elsewhere = new();
    private readonly string _url;

    private Visit(IBrowserContext context, string url)
    {
        _context = context;
        _url = url;
    }

    /// <summary>What the browser's console says of things that went wrong; policies that were broken are told there.</summary>
    public IEnumerable<string> Complaints => _complaints;

    /// <summary>Addresses of other machines that were asked for.</summary>
    public IEnumerable<string> Elsewhere => _elsewhere;

    /// <summary>The page.</summary>
    public IPage Page { get; private set; } = null!;

    public ILocator Prompt => Page.Locator("#prompt");

    /// <summary>The last answer.</summary>
    public ILocator Answer => Page.Locator(".message.assistant").Last;

    /// <summary>Opens a page.</summary>
    public static Task<Visit> OpenAsync(Chromium chromium, PageServer server, string path = "/", bool isDark = false, bool isPhone = false) =>
        OpenAsync(chromium, server.Url, path, isDark, isPhone);

    /// <summary>Opens a page of a server at another address, as behind a proxy.</summary>
    public static async Task<Visit> OpenAsync(Chromium chromium, string url, string path = "/", bool isDark = false, bool isPhone = false)
    {
        IBrowserContext context = await chromium.OpenAsync(new BrowserNewContextOptions
        {
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = isPhone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1280, Height = 800 },
            AcceptDownloads = true,
            IgnoreHTTPSErrors = url.StartsWith("https:", StringComparison.Ordinal),
        });
        Visit visit = new(context, url);
        context.SetDefaultTimeout(Patience);
        await context.RouteAsync("**", visit.RouteAsync);
        visit.Page = await visit.OpenTabAsync(path);
        return visit;
    }

    /// <summary>Opens another tab of the same browser.</summary>
    public async Task<IPage> OpenTabAsync(string path = "/")
    {
        IPage page = await _context.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Enqueue(message.Text);
            }
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
        await page.GotoAsync(_url + path);
        return page;
    }

    /// <summary>Asks something and waits for the whole answer.</summary>
    public async Task AskAsync(string text)
    {
        int before = await Page.Locator(".message.assistant .facts").CountAsync();
        await Prompt.FillAsync(text);
        await Prompt.PressAsync("Enter");
        await Page.Locator(".message.assistant").Nth(before).Locator(".tools").WaitForAsync();
    }

    /// <summary>Opens the settings and sets one of them.</summary>
    public async Task SetAsync(string id, string value)
    {
        if (!await Page.Locator("#settings").IsVisibleAsync())
        {
            await Page.GetByLabel("Settings", new PageGetByLabelOptions { Exact = true }).First.ClickAsync();
        }

        await Page.Locator(id).FillAsync(value);
        await Page.Locator(id).BlurAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_elsewhere);
    }

    private Task RouteAsync(IRoute route)
    {
        Uri url = new(route.Request.Url);
        if (url.Scheme is "blob" or "data" || url.IsLoopback)
        {
            return route.ContinueAsync();
        }

        _elsewhere.Enqueue(route.Request.Url);
        return route.AbortAsync();
    }
}
