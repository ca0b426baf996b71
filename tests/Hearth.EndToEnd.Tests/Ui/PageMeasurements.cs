using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;

namespace Hearth.EndToEnd.Tests.Ui;

/// <summary>Prints what docs/page.md says of the page's speed; it tests nothing, and runs only when it is asked for.</summary>
public sealed class PageMeasurements(Chromium chromium)
{
    private const int Visits = 5;
    private const int LongContext = 16_384;

    [Fact(Explicit = true)]
    public async Task FirstPaint()
    {
        await using PageServer server = await PageServer.StartAsync();
        for (int i = 0; i <= Visits; i++)
        {
            await using Visit visit = await Visit.OpenAsync(chromium, server);
            await Assertions.Expect(visit.Prompt).ToBeVisibleAsync();
            JsonElement measured = await visit.Page.EvaluateAsync<JsonElement>("""
                () => ({
                  paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
                  ready: performance.now(),
                  bytes: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, entry) => sum + entry.transferSize, 0),
                })
                """);
            Console.WriteLine($"visit {i}: {measured}");
        }
    }

    [Theory(Explicit = true)]
    [InlineData(1000)]
    [InlineData(10_000)]
    public async Task LongAnswer(int tokens)
    {
        await using PageServer server = await PageServer.StartAsync(context: LongContext);
        await using Visit visit = await Visit.OpenAsync(chromium, server);
        await Assertions.Expect(visit.Prompt).ToBeVisibleAsync();
        await visit.Page.EvaluateAsync("""
            async tokens => {
              const hearth = await import('/' + document.body.dataset.module);
              const now = new Date().toISOString();
              await hearth.saveChat(JSON.stringify({
                chat: { id: 'long', title: 'long', created: now, updated: now, system: '', settings: { ignore_eos: true, max_tokens: tokens, seed: 3 }, leaf: null },
                nodes: [{ id: 'x', parent: null, role: 'user', created: now, content: 'What can Hearth do?' }],
              }));
            }
            """, tokens);
        await visit.Page.GotoAsync(server.Url + "/?c=long");
        await Assertions.Expect(visit.Page.Locator(".message")).ToHaveCountAsync(1);
        await visit.Page.EvaluateAsync("""
            () => {
              window.measured = { frames: 0, late: 0, worst: 0, grown: [] };
              let last = performance.now();
              const look = now => {
                const took = now - last;
                last = now;
                measured.frames++;
                measured.late += took > 34;
                measured.worst = Math.max(measured.worst, took);
                requestAnimationFrame(look);
              };
              requestAnimationFrame(look);
              new MutationObserver(() => measured.grown.push([performance.now(), document.querySelector('.message.assistant .prose')?.textContent.length ?? 0]))
                .observe(document.querySelector('.messages'), { subtree: true, childList: true, characterData: true });
            }
            """);
        long begun = Stopwatch.GetTimestamp();
        await visit.Prompt.FillAsync("Tell all of it.");
        await visit.Prompt.PressAsync("Enter");
        await visit.Answer.Locator(".tools").WaitForAsync(new LocatorWaitForOptions { Timeout = 300_000 });
        TimeSpan took = Stopwatch.GetElapsedTime(begun);
        JsonElement measured = await visit.Page.EvaluateAsync<JsonElement>("""
            () => {
              const grown = measured.grown.filter(([, length]) => length > 0);
              const [end, length] = grown[grown.length - 1];
              const at = share => grown.find(([, now]) => now >= length * share)[0];
              return { ...measured, grown: grown.length, characters: length, firstTenth: at(0.1) - grown[0][0], lastTenth: end - at(0.9) };
            }
            """);
        Console.WriteLine($"{tokens} tokens in {took.TotalSeconds:F1} s: {measured} {await visit.Answer.Locator(".facts").InnerTextAsync()}");
    }
}
