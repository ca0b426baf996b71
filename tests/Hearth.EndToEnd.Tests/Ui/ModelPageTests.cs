using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Hearth.Server.Models;
using Hearth.Store;
using Hearth.Store.Packaging;
using Hearth.Store.Registries;
using Hearth.Store.Tests.Fakes;
using Hearth.Tests;
using Microsoft.Playwright;

namespace Hearth.EndToEnd.Tests.Ui;

/// <summary>Models on the page: pulling, using, tagging, removing, unloading.</summary>
public sealed class ModelPageTests(Chromium chromium) : IDisposable
{
    private const int BytesPerSecond = 600_000;
    private static readonly string s_guide = Path.Combine(Golden.RepositoryRoot, "models", "guide", "guide.gguf");
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Model_IsPulledStoppedResumedAndUsed()
    {
        using DockerRegistry registry = await DockerRegistry.StartAsync();
        string here = Directory.CreateDirectory(_files.Combine("here")).FullName;
        (int code, _, string error) = await HearthProcess.RunAsync(["package", "--gguf", s_guide, "--push", $"{registry.Host}/team/guide:v1"], home: here);
        Assert.True(code == 0, error);
        await using Relay relay = new(registry.Port, BytesPerSecond);
        ModelStore store = StoreFactory.Open(_files.Combine("there"), new RegistryOptions());
        await using PageServer server = await PageServer.StartAsync(store: store);
        await using Visit visit = await Visit.OpenAsync(chromium, server, "/ui/models");
        string name = $"localhost:{relay.Port}/team/guide:v1";
        ILocator job = visit.Page.Locator(".job");
        await Assertions.Expect(visit.Page.GetByLabel("Name of the model")).ToBeVisibleAsync();
        await visit.Page.EvaluateAsync("""
            () => {
              window.places = new Set();
              setInterval(() => { const bar = document.querySelector('.job progress'); if (bar) { window.places.add(bar.position); } }, 50);
            }
            """);

        await visit.Page.GetByLabel("Name of the model").FillAsync(name);
        await visit.Page.GetByText("Pull", new PageGetByTextOptions { Exact = true }).ClickAsync();
        await visit.Page.WaitForFunctionAsync("() => [...window.places].some(place => place > 0.1)");
        await job.GetByText("Stop").ClickAsync();
        await Assertions.Expect(job).ToHaveAttributeAsync("data-state", "Stopped");
        Assert.Empty(store.List());
        relay.HasHurry = true;
        await job.GetByText("Resume").ClickAsync();
        await Assertions.Expect(job).ToHaveAttributeAsync("data-state", "Done");

        Assert.True(await visit.Page.EvaluateAsync<int>("() => [...window.places].filter(place => place > 0 && place < 1).length") >= 2);
        await job.GetByText("Chat").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#model")).ToHaveValueAsync(name);
        await visit.AskAsync("How do I stream an answer?");
        await Assertions.Expect(visit.Answer.Locator(".speaker")).ToContainTextAsync(name);
        JsonElement loaded = await server.Client.GetFromJsonAsync<JsonElement>("/engines/ps", TestContext.Current.CancellationToken);
        Assert.Equal(name, loaded[0].GetProperty("model_name").GetString());
    }

    [Fact]
    public async Task Model_IsDescribedTaggedUnloadedAndRemoved()
    {
        ModelStore store = StoreFactory.Open(_files.Combine("store"), new RegistryOptions());
        await store.PackageAsync(new PackageRequest { Gguf = s_guide }, store.ParseReference("team/small:v1"), cancellationToken: TestContext.Current.CancellationToken);
        await using PageServer server = await PageServer.StartAsync(store: store);
        await using Visit visit = await Visit.OpenAsync(chromium, server, "/?m=team/small:v1");
        await visit.AskAsync("What is Hearth?");
        await visit.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Models" }).ClickAsync();
        ILocator row = visit.Page.Locator(".model", new PageLocatorOptions { HasText = "team/small" });

        await row.Locator("summary").First.ClickAsync();
        await Assertions.Expect(row.Locator(".fit")).ToContainTextAsync("Fits");
        await Assertions.Expect(row.Locator(".numbers")).ToContainTextAsync("Q8_0");
        await row.Locator(".entries summary").ClickAsync();
        await row.GetByLabel("Find an entry").FillAsync("chat_template");
        await Assertions.Expect(row.Locator(".entries tbody tr")).ToHaveCountAsync(1);
        await row.GetByLabel("Another name").FillAsync("team/other:v2");
        await row.GetByText("Tag", new LocatorGetByTextOptions { Exact = true }).ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("team/other:v2");
        await Assertions.Expect(row.GetByText("Also called")).ToBeVisibleAsync();
        await visit.Page.Locator("tbody").First.GetByText("Unload").ClickAsync();
        await Assertions.Expect(visit.Page.GetByText("No model is loaded")).ToBeVisibleAsync();
        await row.GetByText("Remove", new LocatorGetByTextOptions { Exact = true }).ClickAsync();
        await row.GetByText("Remove it from this machine").ClickAsync();

        await Assertions.Expect(row).ToHaveCountAsync(0);
        Assert.Empty(store.List());
    }

    [Fact]
    public async Task ModelThatIsNotThere_IsToldSo()
    {
        using DockerRegistry registry = await DockerRegistry.StartAsync();
        await using PageServer server = await PageServer.StartAsync(store: StoreFactory.Open(_files.Combine("empty"), new RegistryOptions()));
        await using Visit visit = await Visit.OpenAsync(chromium, server, "/ui/models");

        await visit.Page.GetByLabel("Name of the model").FillAsync($"{registry.Host}/team/nothing");
        await visit.Page.GetByText("Pull", new PageGetByTextOptions { Exact = true }).ClickAsync();

        await Assertions.Expect(visit.Page.Locator(".job")).ToHaveAttributeAsync("data-state", "Failed");
        await Assertions.Expect(visit.Page.Locator(".job")).ToContainTextAsync("team/nothing");
    }

    [Fact]
    public async Task Example_AnswersWhenItIsTried()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server, "/ui/api");
        await Assertions.Expect(visit.Page.Locator("#snippet")).ToContainTextAsync($"{server.Url}/v1/chat/completions");

        await visit.Page.GetByRole(AriaRole.Tab, new PageGetByRoleOptions { Name = "Python" }).ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#snippet")).ToContainTextAsync("from openai import OpenAI");
        await visit.Page.GetByText("Send", new PageGetByTextOptions { Exact = true }).ClickAsync();

        await Assertions.Expect(visit.Page.Locator("[role=status]", new PageLocatorOptions { HasText = "200 after" })).ToBeVisibleAsync();
        await Assertions.Expect(visit.Page.Locator("main")).ToContainTextAsync("chat.completion");
    }

    [Fact]
    public async Task Dashboard_HasTheNumbersOfTheMetrics()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await visit.AskAsync("What is Hearth?");
        using HttpResponseMessage asked = await server.Client.PostAsJsonAsync(
            "/v1/chat/completions", new { messages = new[] { new { role = "user", content = "What is Hearth?" } } }, TestContext.Current.CancellationToken);
        asked.EnsureSuccessStatusCode();
        await visit.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Dashboard" }).ClickAsync();

        string[] metrics = (await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n');
        string Sum(string name) => metrics.Where(line => line.StartsWith(name + "{", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)).ToString("N0", CultureInfo.InvariantCulture);

        Assert.Equal("2", Sum("hearth_requests_total"));
        ILocator charts = visit.Page.Locator(".chart figcaption");
        await Assertions.Expect(charts.Nth(0)).ToContainTextAsync($"{Sum("hearth_completion_tokens_total")} since the start");
        await Assertions.Expect(charts.Nth(1)).ToContainTextAsync($"{Sum("hearth_prompt_tokens_total")} since the start");
        await Assertions.Expect(charts.Nth(2)).ToContainTextAsync("2 since the start");
        await Assertions.Expect(visit.Page.Locator("tbody tr", new PageLocatorOptions { HasText = "/v1/chat/completions" })).ToContainTextAsync("200");
        await Assertions.Expect(visit.Page.Locator("tbody tr", new PageLocatorOptions { HasText = "this page" })).ToContainTextAsync("200");
    }

    [Fact]
    public async Task PromptsAndAnswers_AreShownOnlyWhenTheyAreKept()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using Visit visit = await Visit.OpenAsync(chromium, server, "/ui/dashboard");
        async Task AskAsync(string text)
        {
            using HttpResponseMessage asked = await server.Client.PostAsJsonAsync(
                "/v1/chat/completions", new { messages = new[] { new { role = "user", content = text } } }, TestContext.Current.CancellationToken);
            asked.EnsureSuccessStatusCode();
        }

        await AskAsync("a secret");
        await Assertions.Expect(visit.Page.Locator("tbody code")).ToHaveCountAsync(1);
        Assert.Equal(0, await visit.Page.Locator(".texts").CountAsync());
        await visit.Page.GetByLabel("Keep prompts and answers").CheckAsync();
        await Assertions.Expect(visit.Page.GetByText("are kept in memory")).ToBeVisibleAsync();
        await AskAsync("What is Hearth?");
        await visit.Page.Locator(".texts summary").ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".texts pre").First).ToContainTextAsync("What is Hearth?");
        await Assertions.Expect(visit.Page.Locator(".texts pre").Last).ToContainTextAsync("Hearth");
        await visit.Page.GetByLabel("Keep prompts and answers").UncheckAsync();
        await Assertions.Expect(visit.Page.Locator(".texts")).ToHaveCountAsync(0);
    }
}
