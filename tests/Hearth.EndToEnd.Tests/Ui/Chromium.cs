using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Hearth.EndToEnd.Tests.Ui.Chromium))]

namespace Hearth.EndToEnd.Tests.Ui;

/// <summary>Debian's Chromium, started by the first test that wants it; a test is skipped where it is not installed.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] s_paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private const float Patience = 60_000;
    private readonly SemaphoreSlim _turn = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        _turn.Dispose();
    }

    /// <summary>A browser of its own: nothing is kept from other tests.</summary>
    internal async Task<IBrowserContext> OpenAsync(BrowserNewContextOptions options)
    {
        string? path = Array.Find(s_paths, File.Exists);
        Assert.SkipWhen(path is null, "Chromium is not installed.");
        await _turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            Assertions.SetDefaultExpectTimeout(Patience);
            _playwright ??= await Playwright.CreateAsync();
            _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Args = ["--no-sandbox"] });
            return await _browser.NewContextAsync(options);
        }
        finally
        {
            _turn.Release();
        }
    }
}
