using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Hearth.EndToEnd.Tests.Ui;
using Hearth.Tests;
using Microsoft.Playwright;

namespace Hearth.EndToEnd.Tests.Security;

/// <summary>A bit of everything that a server does, through every API and the page.</summary>
internal static class Everything
{
    private const float Patience = 60_000;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private static readonly string[] s_shown =
    [
        "/health", "/metrics", "/logs", "/version", "/v1/models", "/v1/models/guide", "/models", "/engines/ps", "/engines/status", "/engines/df", "/api/tags", "/api/ps", "/api/version",
        "/props", "/slots", "/v1/files", "/v1/batches", "/models/jobs", "/anthropic/v1/models",
    ];

    /// <summary>Models that embed and that rank, as arguments of <c>hearth serve</c>, behind the one that chats.</summary>
    public static string[] Models(TemporaryFiles files) => ["guide", TinyBert.WriteEmbedder(files.Combine("embedder.gguf")), TinyBert.WriteReranker(files.Combine("reranker.gguf"))];

    /// <summary>What each API is asked, with a text in it.</summary>
    public static IEnumerable<(string Path, object Body)> Questions(string text)
    {
        object[] messages = [new { role = "user", content = text }];
        object[] tools = [new { type = "function", function = new { name = "look", description = text, parameters = new { type = "object", properties = new { word = new { type = "string", description = text } } } } }];
        yield return ("/v1/chat/completions", new { model = "guide", messages, max_tokens = 4 });
        yield return ("/v1/chat/completions", new { model = "guide", messages, max_tokens = 4, stream = true, tools, user = text });
        yield return ("/v1/completions", new { model = "guide", prompt = text, max_tokens = 4 });
        yield return ("/v1/responses", new { model = "guide", input = text, max_output_tokens = 16, metadata = new { note = text } });
        yield return ("/v1/messages", new { model = "guide", messages, max_tokens = 4 });
        yield return ("/v1/messages/count_tokens", new { model = "guide", messages });
        yield return ("/api/chat", new { model = "guide", messages, options = new { num_predict = 4 } });
        yield return ("/api/generate", new { model = "guide", prompt = text, options = new { num_predict = 4 } });
        yield return ("/api/embed", new { model = "embedder", input = "a few words" });
        yield return ("/api/show", new { model = "guide" });
        yield return ("/completion", new { model = "guide", prompt = text, n_predict = 4 });
        yield return ("/tokenize", new { model = "guide", content = text });
        yield return ("/apply-template", new { model = "guide", messages });
        yield return ("/v1/embeddings", new { model = "embedder", input = "a few words" });
        yield return ("/v1/rerank", new { model = "reranker", query = "words", documents = (string[])["a few words", "others"] });
        yield return ("/v1/score", new { model = "reranker", text_1 = "words", text_2 = "others" });
    }

    /// <summary>Asks each API and shows what can be shown; every answer must be one.</summary>
    public static async Task AskAsync(HttpClient client, string text)
    {
        foreach ((string path, object body) in Questions(text))
        {
            using HttpResponseMessage response = await client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
            string answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True((int)response.StatusCode == 200, $"{path}: {answer}");
        }

        foreach (string path in s_shown)
        {
            using HttpResponseMessage response = await client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.True((int)response.StatusCode == 200, $"{path}: {(int)response.StatusCode}");
        }
    }

    /// <summary>Has a line answered as a batch.</summary>
    public static async Task RunBatchAsync(HttpClient client, string text)
    {
        string line = JsonSerializer.Serialize(new { custom_id = "a", method = "POST", url = "/v1/completions", body = new { model = "guide", prompt = text, max_tokens = 4 } });
        string batch = await SendBatchAsync(client, line);
        Assert.Equal("completed", await WaitAsync(client, batch));
    }

    /// <summary>Has lines checked, of which one is broken.</summary>
    public static async Task RunBrokenBatchAsync(HttpClient client, string text) =>
        Assert.Equal("failed", await WaitAsync(client, await SendBatchAsync(client, $$"""{"custom_id":"a","{{text}}"}""")));

    /// <summary>Asks something in the page and waits for its whole answer.</summary>
    public static async Task AskPageAsync(Chromium chromium, string url, string text, string? key = null)
    {
        IBrowserContext browser = await chromium.OpenAsync(new BrowserNewContextOptions());
        try
        {
            browser.SetDefaultTimeout(Patience);
            IPage page = await browser.NewPageAsync();
            await page.GotoAsync(url);
            if (key is not null)
            {
                ILocator form = page.Locator("#key-form");
                await form.GetByLabel("API key").FillAsync(key);
                await form.GetByText("Open").ClickAsync();
            }

            await page.Locator("#prompt").FillAsync(text);
            await page.Locator("#prompt").PressAsync("Enter");
            await page.Locator(".message.assistant").First.Locator(".tools").WaitForAsync();
        }
        finally
        {
            await browser.DisposeAsync();
        }
    }

    private static async Task<string> SendBatchAsync(HttpClient client, string lines)
    {
        using MultipartFormDataContent form = new()
        {
            { new ByteArrayContent(Encoding.UTF8.GetBytes(lines)) { Headers = { ContentType = new MediaTypeHeaderValue("application/jsonl") } }, "file", "lines.jsonl" },
            { new StringContent("batch"), "purpose" },
        };
        using HttpResponseMessage uploaded = await client.PostAsync("/v1/files", form, TestContext.Current.CancellationToken);
        string file = (await uploaded.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("id").GetString()!;
        using HttpResponseMessage made = await client.PostAsJsonAsync("/v1/batches", new { input_file_id = file, endpoint = "/v1/completions", completion_window = "24h" }, TestContext.Current.CancellationToken);
        return (await made.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("id").GetString()!;
    }

    private static async Task<string?> WaitAsync(HttpClient client, string batch)
    {
        while (true)
        {
            JsonElement state = await client.GetFromJsonAsync<JsonElement>($"/v1/batches/{batch}", TestContext.Current.CancellationToken);
            if (state.GetProperty("status").GetString() is string status and not ("validating" or "in_progress" or "finalizing"))
            {
                return status;
            }

            await Task.Delay(s_pause, TestContext.Current.CancellationToken);
        }
    }
}
