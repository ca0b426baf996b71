using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Hearth.Store.Tests.Fakes;

namespace Hearth.EndToEnd.Tests.Observability;

/// <summary>A real Prometheus over a real server.</summary>
public sealed class PrometheusTests
{
    private const string Question = "What is Hearth, what does it serve, whom does it serve, how does it serve, and why does it serve so many models at once?";

    [Fact]
    public async Task Prometheus_HasTheNumbersOfTheAnswersUsage()
    {
        using TemporaryFiles files = new();
        string home = Directory.CreateDirectory(files.Combine("home")).FullName;
        (int code, string created, _) = await HearthProcess.RunAsync(["keys", "create", "prometheus", "--scope", "inference,metrics"], home: home);
        Assert.Equal(0, code);
        string key = created.Trim();
        await using ServerProcess server = await ServerProcess.StartInAsync(home);
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using PrometheusServer prometheus = await PrometheusServer.StartAsync(server.Host, key);
        long prompt = 0, completion = 0, cached = 0;
        foreach ((string path, int tokens) in ((string, int)[])[("/v1/chat/completions", 5), ("/v1/chat/completions", 9), ("/engines/v1/chat/completions", 7)])
        {
            object body = new { model = "guide", max_tokens = tokens, ignore_eos = true, messages = new[] { new { role = "user", content = Question } } };
            using HttpResponseMessage response = await server.Client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
            JsonElement usage = (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("usage");
            prompt += usage.GetProperty("prompt_tokens").GetInt64();
            completion += usage.GetProperty("completion_tokens").GetInt64();
            cached += usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt64();
        }

        Assert.Equal(21, completion);
        Assert.Equal(completion, await prometheus.QueryAsync("sum(hearth_completion_tokens_total{model=\"guide\"})", completion));
        Assert.Equal(prompt, await prometheus.QueryAsync("sum(hearth_prompt_tokens_total)", prompt));
        Assert.Equal(cached, await prometheus.QueryAsync("sum(hearth_cached_tokens_total)", cached));
        Assert.True(cached > 0, "The questions begin alike.");
        Assert.Equal(3, await prometheus.QueryAsync("sum(hearth_requests_total{outcome=\"ok\",operation=\"chat\"})", 3));
        Assert.Equal(7, await prometheus.QueryAsync("hearth_completion_tokens_total{api=\"model-runner\"}", 7));
        Assert.Equal(3, await prometheus.QueryAsync("hearth_time_to_first_token_seconds_count{api=\"openai\"} + ignoring (api) hearth_time_to_first_token_seconds_count{api=\"model-runner\"}", 3));
        Assert.Equal(completion, await prometheus.QueryAsync("llamacpp:tokens_predicted_total{backend=\"hearth\",mode=\"completion\"}", completion));
        Assert.Equal(prompt - cached, await prometheus.QueryAsync("llamacpp:prompt_tokens_total", prompt - cached));
        Assert.Equal(1, await prometheus.QueryAsync("up", 1));
    }

    [Fact]
    public async Task Page_IsWhatPromtoolWants()
    {
        string promtool = DockerRegistry.Find("promtool");
        await using ServerProcess server = await ServerProcess.StartAsync();
        using HttpResponseMessage answer = await server.Client.PostAsJsonAsync("/v1/completions", new { prompt = "Hearth", max_tokens = 3 }, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);
        string[] lines = (await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n');
        Assert.Contains(lines, line => line.StartsWith("llamacpp:", StringComparison.Ordinal));

        (int own, string ownComplaints) = await CheckAsync(promtool, lines.Where(line => !line.Contains("llamacpp:", StringComparison.Ordinal)));
        (int all, string allComplaints) = await CheckAsync(promtool, lines);

        Assert.Equal((0, string.Empty), (own, ownComplaints));

        // llama-server's names are not as Prometheus recommends, which ends with 3; what cannot be read ends with 1.
        Assert.Equal(3, all);
        Assert.All(allComplaints.Split('\n', StringSplitOptions.RemoveEmptyEntries), complaint => Assert.StartsWith("llamacpp:", complaint, StringComparison.Ordinal));
    }

    private static async Task<(int Code, string Output)> CheckAsync(string promtool, IEnumerable<string> lines)
    {
        using Process process = Process.Start(new ProcessStartInfo(promtool, ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(string.Join('\n', lines));
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }
}
