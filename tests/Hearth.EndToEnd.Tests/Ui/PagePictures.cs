using System.Net.Http.Json;
using System.Text.Json;
using Hearth.Server.Models;
using Hearth.Store.Registries;
using Hearth.Tests;
using Microsoft.Playwright;

namespace Hearth.EndToEnd.Tests.Ui;

/// <summary>Takes the pictures of docs/page.md; it tests nothing, and runs only when it is asked for.</summary>
public sealed class PagePictures(Chromium chromium) : IDisposable
{
    private const string Template = "{#- <think></think> -#}{% for message in messages %}{{ message.content }}{% endfor %}";
    private const string Reply = """
        <think>
        They want the idea first, then code that they can paste.
        </think>

        A **prefix sum** holds, for each place, the sum of everything before it. With it, the sum of any range takes two look-ups, however long the range is.

        ```csharp
        /// <summary>Sums of ranges, each in constant time.</summary>
        public sealed class PrefixSum(IReadOnlyList<int> values)
        {
            // sums[i] is the sum of the first i values.
            private readonly long[] _sums = [0, .. Accumulate(values)];

            public long Sum(int first, int count) => _sums[first + count] - _sums[first];
        }
        ```

        | | a loop | prefix sums |
        | --- | ---: | ---: |
        | one query | *n* steps | 2 steps |
        | a change | 1 step | *n* steps |

        Use it where values stay and questions are many.
        """;

    private static readonly string[] s_titles =
        ["Letter to the landlord", "Regex for ISO dates", "Names for a boat", "Sourdough at 68 % hydration", "Explain paged attention", "A week in Ghent by train"];

    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory(Explicit = true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Take(bool isDark, bool isPhone)
    {
        string example = ScriptedModel.Write(_files.Combine("example.gguf"), Reply, Template, "<|begin_of_reply|>", "<think>", "</think>");
        await using PageServer server = await PageServer.StartAsync([example], StoreFactory.Open(_files.Combine("store"), new RegistryOptions()));
        await using Visit visit = await Visit.OpenAsync(chromium, server, "/?m=example", isDark, isPhone);
        await Assertions.Expect(visit.Prompt).ToBeVisibleAsync();
        string end = (isPhone ? "-phone" : string.Empty) + (isDark ? "-dark" : "-light");

        await KeepAsync(visit, s_titles);
        await visit.Page.ReloadAsync();
        await visit.AskAsync("What is a prefix sum, and how would I write one in C#?");
        await visit.Page.Locator(".messages").EvaluateAsync("messages => messages.scrollTop = 0");
        await SaveAsync(visit, "chat" + end);

        if (!isPhone)
        {
            await visit.Page.GotoAsync(server.Url + "/?m=guide");
            await visit.SetAsync("#temperature", "1.2");
            await visit.SetAsync("#seed", "5");
            await visit.Page.GetByLabel("Settings", new PageGetByLabelOptions { Exact = true }).First.ClickAsync();
            await visit.AskAsync("Tell me about boats and bread.");
            await visit.Answer.GetByLabel("Probabilities").ClickAsync();
            await visit.Answer.Locator(".token:not(.p9)").First.ClickAsync();
            await visit.Answer.Locator(".alternatives").ScrollIntoViewIfNeededAsync();
            await SaveAsync(visit, "probabilities" + end);
        }

        await visit.Page.GotoAsync(server.Url + "/ui/models");
        await visit.Page.Locator(".model", new PageLocatorOptions { HasText = "guide" }).Locator("summary").First.ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".fit")).ToBeVisibleAsync();
        await SaveAsync(visit, "models" + end);
        await visit.Page.GotoAsync(server.Url + "/ui/api?m=guide");
        await Assertions.Expect(visit.Page.Locator("#snippet")).ToContainTextAsync(server.Url);
        await SaveAsync(visit, "api" + end);
        await visit.Page.GotoAsync(server.Url + "/ui/dashboard");
        for (int i = 0; i < 24; i++)
        {
            JsonElement answer = await AskAsync(server, i);
            Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        }

        await SaveAsync(visit, "dashboard" + end);
    }

    private static async Task<JsonElement> AskAsync(PageServer server, int number)
    {
        using HttpResponseMessage asked = await server.Client.PostAsJsonAsync(
            "/v1/chat/completions",
            new { model = "guide", messages = new[] { new { role = "user", content = $"What is Hearth? ({number})" } }, max_tokens = 20 + (number * 37 % 200), ignore_eos = true },
            TestContext.Current.CancellationToken);
        return await asked.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    private static async Task KeepAsync(Visit visit, string[] titles) => await visit.Page.EvaluateAsync(
        """
        async titles => {
          const hearth = await import('/' + document.body.dataset.module);
          for (const [i, title] of titles.entries()) {
            const created = new Date(1.7e12 + i * 1e6).toISOString();
            await hearth.saveChat(JSON.stringify({
              chat: { id: `c${i}`, title, created, updated: created, system: '', settings: {}, leaf: 'x' },
              nodes: [{ id: 'x', parent: null, role: 'user', created, content: title }],
            }));
          }
        }
        """,
        titles);

    private static async Task SaveAsync(Visit visit, string name)
    {
        await visit.Page.Mouse.MoveAsync(1, 1);
        await visit.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Golden.RepositoryRoot, "docs", "images", name + ".png"), Animations = ScreenshotAnimations.Disabled });
    }
}
