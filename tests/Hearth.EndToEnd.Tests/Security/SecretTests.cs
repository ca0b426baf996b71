using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using Hearth.EndToEnd.Tests.Ui;
using Hearth.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Hearth.EndToEnd.Tests.Security;

/// <summary>What is asked, answered and shown as a secret is in no log, number, span, message or file.</summary>
public sealed class SecretTests : IAsyncLifetime
{
    private const string Prompt = "zyxprompt7193";
    private const string Secret = "zyxsecret8264";
    private const string Sign = "sign-of-a-request";
    private static readonly string[] s_apis = ["/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages", "/v1/embeddings", "/v1/rerank", "/v1/score", "/api/chat", "/api/generate", "/api/embed", "/api/create", "/completion", "/infill", "/tokenize", "/v1/batches", "/models/create"];
    private readonly TemporaryFiles _files = new();
    private readonly ConcurrentQueue<string> _exported = [];
    private readonly WebApplication _collector;
    private readonly Chromium _chromium;

    public SecretTests(Chromium chromium)
    {
        _chromium = chromium;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _collector = builder.Build();
        _collector.Run(async context =>
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body);
            if (context.Request.Path.StartsWithSegments("/v1"))
            {
                _exported.Enqueue(Encoding.Latin1.GetString(body.ToArray()));
                context.Response.ContentType = "application/x-protobuf";
                return;
            }

            // A registry that knows nobody.
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"test\"";
            await context.Response.WriteAsync("""{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}""");
        });
    }

    private string Registry => new Uri(_collector.Urls.First()).Authority;

    public async ValueTask InitializeAsync() => await _collector.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _collector.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task PromptsAndSecrets_AreWrittenNowhere()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        string home = _files.Combine("home");
        string broken = _files.Combine("broken.gguf");
        File.Copy(Path.Combine(Golden.RepositoryRoot, "models", "guide", "guide.gguf"), broken);
        Dictionary<string, string> environment = new()
        {
            ["HEARTH_API_KEY"] = Secret,
            ["HF_TOKEN"] = Secret,
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Urls.First(),
            ["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-token={Secret}",
            ["Logging__LogLevel__Default"] = "Trace",
        };
        string log;
        string told;
        await using (ServerProcess server = await ServerProcess.StartByAsync(["env"], environment, home, "127.0.0.1:0", [.. Everything.Models(_files), broken]))
        {
            using HttpClient stranger = new() { BaseAddress = new Uri($"http://{server.Host}") };
            server.Client.DefaultRequestHeaders.Add("Authorization", $"Bearer {Secret}");
            server.Client.DefaultRequestHeaders.Add("x-request-id", Sign);

            await Everything.AskAsync(server.Client, Prompt);
            await Everything.RunBatchAsync(server.Client, Prompt);
            await Everything.RunBrokenBatchAsync(server.Client, Prompt);
            await Everything.AskPageAsync(_chromium, $"http://{server.Host}", Prompt, Secret);
            File.Delete(broken);
            await FailAsync(server.Client);
            await FailAtRegistriesAsync(server.Client);
            await ShowWrongKeysAsync(stranger);
            await FailWithinAsync(server.Client, Path.Combine(home, "api-keys.json"));

            string metrics = await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
            log = await server.Client.GetStringAsync("/logs", TestContext.Current.CancellationToken);
            told = await server.TerminateAndReadAllAsync();
            await server.WaitAsync();
            Nowhere("/metrics", metrics);
        }

        Nowhere("/logs", log);
        Nowhere("what the program prints", told);
        Nowhere("what is exported", string.Concat(_exported));
        Assert.Contains(Sign, log, StringComparison.Ordinal);
        Assert.Contains("/v1/chat/completions failed", log, StringComparison.Ordinal);
        Assert.Contains("/v1/chat/completions failed", told, StringComparison.Ordinal);
        Assert.Contains(_exported, message => message.Contains("gen_ai", StringComparison.Ordinal));

        // What clients have asked to be kept is in these folders, and nowhere else.
        string[] kept = [Path.Combine(home, "files"), Path.Combine(home, "batches")];
        Assert.Contains(Files(home), file => kept.Any(folder => file.StartsWith(folder, StringComparison.Ordinal)) && Read(file).Contains(Prompt, StringComparison.Ordinal));
        Assert.All(Files(home), file =>
        {
            Assert.DoesNotContain(Secret, Read(file), StringComparison.Ordinal);
            Assert.True(kept.Any(folder => file.StartsWith(folder, StringComparison.Ordinal)) || !Read(file).Contains(Prompt, StringComparison.Ordinal), file);
        });
    }

    [Fact]
    public async Task Commands_DoNotShowSecrets()
    {
        string home = Directory.CreateDirectory(_files.Combine("home")).FullName;
        Dictionary<string, string> environment = new() { ["HEARTH_API_KEY"] = Secret, ["HF_TOKEN"] = Secret, ["HEARTH_OTHER"] = Secret };
        foreach (string[] command in (string[][])
            [
                ["config"], ["config", "--json"], ["serve", "--print-config"], ["serve", "--listen", Registry], ["status", "--host", Registry], ["ps", "--host", Registry],
                ["login", Registry, "-u", "somebody", "--password-stdin"], ["pull", $"{Registry}/team/model"], ["doctor", $"http://{Registry}/elsewhere"],
            ])
        {
            using System.Diagnostics.Process process = HearthProcess.StartBy(["env"], environment, home, command);
            await process.StandardInput.WriteLineAsync(Secret);
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.NotEmpty(output);
            Nowhere(string.Join(' ', command), output);
        }

        Assert.All(Files(home), file => Assert.DoesNotContain(Secret, Read(file), StringComparison.Ordinal));
    }

    // Requests that are wrong in every place, those that break within, and those that are cut.
    private static async Task FailAsync(HttpClient client)
    {
        object[] messages = [new { role = "user", content = Prompt }];
        object[] bodies =
        [
            new { model = Prompt, messages, prompt = Prompt, input = Prompt },
            new { model = "guide", messages, prompt = Prompt, input = Prompt, zyxprompt7193 = 1 },
            new { model = "guide", messages = Prompt, prompt = new { a = Prompt }, input = new { a = Prompt } },
            new { model = "guide", messages = new object[] { new { role = Prompt, content = Prompt } }, prompt = Prompt, response_format = Prompt },
            new { model = "guide", messages = new object[] { new { role = "user", content = new object[] { new { type = "image_url", image_url = new { url = $"https://example.com/{Prompt}" } } } } } },
            new { model = "guide", messages = new object[] { new { role = "user", content = string.Join(' ', Enumerable.Repeat(Prompt, 4000)) } }, prompt = string.Join(' ', Enumerable.Repeat(Prompt, 4000)) },
            new { model = "guide", messages, response_format = new { type = "json_schema", json_schema = new { name = "a", schema = new { type = Prompt } } } },
            new { model = "guide", messages, prompt = Prompt, grammar = Prompt },
            new { model = "broken", messages, prompt = Prompt, input = Prompt, max_tokens = 4 },
        ];
        foreach (string path in s_apis)
        {
            foreach (object body in bodies)
            {
                using HttpResponseMessage response = await client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
                await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            }

            foreach (string text in (string[])[$"{{\"model\":\"guide\",\"prompt\":\"{Prompt}", $"{{\"{Prompt}\":", Prompt, $"[\"{Prompt}\"]", $"{{\"prompt\":\"{Prompt}\\ud800\"}}"])
            {
                using StringContent content = new(text, Encoding.UTF8, "application/json");
                using HttpResponseMessage response = await client.PostAsync(path, content, TestContext.Current.CancellationToken);
            }
        }
    }

    // A failure of the server's own is written with all that is known of it.
    private static async Task FailWithinAsync(HttpClient client, string keys)
    {
        await File.WriteAllTextAsync(keys, $"{{ {Secret}", TestContext.Current.CancellationToken);
        using HttpResponseMessage response = await client.PostAsJsonAsync("/v1/chat/completions", new { model = "guide", messages = new[] { new { role = "user", content = Prompt } } }, TestContext.Current.CancellationToken);
        File.Delete(keys);

        Assert.Equal(500, (int)response.StatusCode);
        Nowhere("an answer", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task FailAtRegistriesAsync(HttpClient client)
    {
        foreach ((string path, object body) in ((string, object)[])
            [
                ("/models/create", new Dictionary<string, object> { ["from"] = $"{Registry}/team/model", ["bearer-token"] = Secret }),
                ("/models/create", new { from = $"user:{Secret}@{Registry}/team/model" }),
                ("/models/apply", new { id = $"{Registry}/team/model" }),
                ("/models/apply", new { url = $"http://user:{Secret}@{Registry}/model?token={Secret}" }),
                ("/api/pull", new { model = $"{Registry}/team/model", insecure = true }),
                ("/api/pull", new { model = $"http://user:{Secret}@{Registry}/team/model", insecure = true }),
            ])
        {
            using HttpResponseMessage response = await client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
            await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task ShowWrongKeysAsync(HttpClient client)
    {
        foreach ((string header, string value) in ((string, string)[])[("Authorization", $"Bearer {Secret}x"), ("Authorization", $"Basic {Secret}"), ("x-api-key", $"x{Secret}"), ("Cookie", $"key={Secret}"), ("X-Forwarded-For", Secret), ("traceparent", Secret), ("User-Agent", Secret)])
        {
            using HttpRequestMessage request = new(HttpMethod.Get, $"/v1/models?access_token={Secret}x&key={Secret}");
            request.Headers.TryAddWithoutValidation(header, value);
            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(401, (int)response.StatusCode);
            Assert.DoesNotContain(Secret, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    private static void Nowhere(string where, string text)
    {
        Assert.NotEmpty(text);
        Assert.False(text.Contains(Prompt, StringComparison.OrdinalIgnoreCase), $"The prompt is in {where}: {Around(text, Prompt)}");
        Assert.False(text.Contains(Secret, StringComparison.OrdinalIgnoreCase), $"The secret is in {where}: {Around(text, Secret)}");
    }

    private static string Around(string text, string mark)
    {
        int place = text.IndexOf(mark, StringComparison.OrdinalIgnoreCase);
        return place < 0 ? string.Empty : text[Math.Max(0, place - 400)..Math.Min(text.Length, place + 100)];
    }

    private static string[] Files(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".sock", StringComparison.Ordinal))];

    private static string Read(string file) => Encoding.Latin1.GetString(File.ReadAllBytes(file));
}
