using Hearth.Server.Access;
using Hearth.Server.Models;
using Hearth.Store.Registries;
using Microsoft.Playwright;

namespace Hearth.EndToEnd.Tests.Ui;

/// <summary>The page, opened with keys that may not do everything.</summary>
public sealed class ScopeTests(Chromium chromium) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Page_ShowsWhatItsKeyMayDo()
    {
        ApiKeyStore keys = new(Path.Combine(_folder.FullName, "api-keys.json"));
        string asks = Create(keys, "asks", KeyScope.Inference), manages = Create(keys, "manages", KeyScope.Models), rules = Create(keys, "rules", KeyScope.Admin);
        await using PageServer server = await PageServer.StartAsync(store: StoreFactory.Open(Path.Combine(_folder.FullName, "models"), new RegistryOptions()), keys: keys);

        await using (Visit visit = await OpenAsync(server, asks))
        {
            await visit.AskAsync("What is Hearth?");
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Models" }).ClickAsync();
            await Assertions.Expect(visit.Page.GetByRole(AriaRole.Note)).ToContainTextAsync("that needs the scope models");
            await Assertions.Expect(visit.Page.Locator("#pull-name")).ToHaveCountAsync(0);
            await Assertions.Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Unload" })).ToHaveCountAsync(0);
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Dashboard" }).ClickAsync();
            await Assertions.Expect(visit.Page.Locator("main")).ToContainTextAsync("it needs the scope admin");
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Chat", Exact = true }).ClickAsync();
            await Assertions.Expect(visit.Prompt).ToBeVisibleAsync();
            keys.Remove("asks");
            await Assertions.Expect(visit.Page.Locator("main")).ToContainTextAsync("it needs the scope inference");
        }

        await using (Visit visit = await OpenAsync(server, manages))
        {
            await Assertions.Expect(visit.Page.Locator("main")).ToContainTextAsync("it needs the scope inference");
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Models" }).ClickAsync();
            await Assertions.Expect(visit.Page.Locator("#pull-name")).ToBeVisibleAsync();
            await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Unload" }).ClickAsync();
            await Assertions.Expect(visit.Page.GetByText("No model is loaded.")).ToBeVisibleAsync();
        }

        await using (Visit visit = await OpenAsync(server, rules))
        {
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Dashboard" }).ClickAsync();
            await Assertions.Expect(visit.Page.Locator("#requests-title")).ToBeVisibleAsync();
        }
    }

    private static string Create(ApiKeyStore keys, string name, KeyScope scope) => keys.Create(name, new ApiKey(name, string.Empty, default) { Scopes = [scope] }, DateTimeOffset.UtcNow);

    private async Task<Visit> OpenAsync(PageServer server, string key)
    {
        Visit visit = await Visit.OpenAsync(chromium, server);
        ILocator form = visit.Page.Locator("#key-form");
        await form.GetByLabel("API key").FillAsync(key);
        await form.GetByText("Open").ClickAsync();
        return visit;
    }
}
