using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests.Observability;

/// <summary>A server of its own, whose numbers nobody else changes.</summary>
internal sealed partial class MetricsServer : IAsyncDisposable
{
    // Of more than a block of the cache, so that asking again finds it there.
    private const string Question = "What is Hearth, what does it serve, whom does it serve, how does it serve, and why does it serve so many models at once to so many of us?";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    private MetricsServer(HearthServerOptions options)
    {
        // One request runs, none waits.
        Host.Register("guide", BuiltInModels.Resolve(BuiltInModels.Guide), new ServedModelOptions { Load = new() { ContextLength = 1 << 20, Parallel = 1, MaxWaiting = 0 } });
        BrokenPath = Path.Combine(_folder.FullName, "broken.gguf");
        File.Copy(BuiltInModels.Resolve(BuiltInModels.Guide), BrokenPath);
        Host.Register("broken", BrokenPath);
        App = HearthServer.Create(Host, options with { Listen = [ListenAddress.Parse("127.0.0.1:0")] });
    }

    public ModelHost Host { get; } = new();

    public WebApplication App { get; }

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>A served file, to be removed.</summary>
    public string BrokenPath { get; }

    public static async Task<MetricsServer> StartAsync(HearthServerOptions? options = null)
    {
        MetricsServer server = new(options ?? new HearthServerOptions());
        await server.App.StartAsync(TestContext.Current.CancellationToken);
        server.Client.BaseAddress = new Uri(server.App.Urls.First());
        return server;
    }

    /// <summary>Posts JSON.</summary>
    public async Task<(int Status, string Text)> PostAsync(string path, object body)
    {
        using HttpResponseMessage response = await Client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A chat's answer.</summary>
    public async Task<JsonElement> ChatAsync(string path, object? more = null)
    {
        Dictionary<string, object?> body = new() { ["model"] = "guide", ["messages"] = new[] { new { role = "user", content = Question } }, ["max_tokens"] = 6 };
        foreach (JsonProperty property in JsonSerializer.SerializeToElement(more ?? new { }).EnumerateObject())
        {
            body[property.Name] = property.Value;
        }

        (int status, string text) = await PostAsync(path, body);
        Assert.True(status == 200, text);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>The page of metrics as text.</summary>
    public Task<string> ReadPageAsync() => Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

    /// <summary>The series of the page, once a condition holds: a request is counted when its answer has been sent.</summary>
    public async Task<Dictionary<string, double>> ReadAsync(Func<Dictionary<string, double>, bool> isReady)
    {
        for (int attempt = 0; ; attempt++)
        {
            Dictionary<string, double> series = Parse(await ReadPageAsync());
            if (isReady(series))
            {
                return series;
            }

            Assert.True(attempt < 1000, string.Join('\n', series.Select(entry => $"{entry.Key} {entry.Value}")));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The series once so many requests are counted.</summary>
    public Task<Dictionary<string, double>> ReadAsync(int requests) => ReadAsync(series => Sum(series, "hearth_requests_total") >= requests);

    /// <summary>A stream whose first event has come.</summary>
    public async Task<(HttpResponseMessage Response, StreamReader Reader)> StreamAsync(int maxTokens, double? timeout = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions")
        {
            Content = JsonContent.Create(new { model = "guide", prompt = "Hearth", stream = true, ignore_eos = true, max_tokens = maxTokens, timeout }),
        };
        HttpResponseMessage response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        StreamReader reader = new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith("data: ", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        return (response, reader);
    }

    /// <summary>The sum of a metric's series which have all these labels.</summary>
    public static double Sum(Dictionary<string, double> series, string name, params string[] labels) => series
        .Where(entry => entry.Key == name || entry.Key.StartsWith(name + "{", StringComparison.Ordinal))
        .Where(entry => labels.All(label => entry.Key.Contains(label, StringComparison.Ordinal)))
        .Sum(entry => entry.Value);

    /// <summary>The series of a page by name and labels; no series may be there twice.</summary>
    public static Dictionary<string, double> Parse(string page)
    {
        Dictionary<string, double> series = [];
        foreach (string line in page.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'))
        {
            Match match = Sample().Match(line);
            Assert.True(match.Success, line);
            series.Add(match.Groups["series"].Value, double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture));
        }

        return series;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
        Host.Dispose();
        _folder.Delete(recursive: true);
    }

    [GeneratedRegex("""^(?<series>[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-z_]+="([^"\\]|\\.)*",?)+\})?) (?<value>[-+0-9.eE]+|\+Inf|NaN)$""", RegexOptions.ExplicitCapture)]
    private static partial Regex Sample();
}
