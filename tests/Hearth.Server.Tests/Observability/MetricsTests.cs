using System.Text.Json;
using Hearth.Server.Access;
using Hearth.Server.Tests.Chat;

namespace Hearth.Server.Tests.Observability;

public sealed class MetricsTests
{
    private const string Requests = "hearth_requests_total";

    [Fact]
    public async Task Tokens_AreThoseOfTheAnswersUsageByApi()
    {
        await using MetricsServer server = await MetricsServer.StartAsync();
        Dictionary<string, (long Prompt, long Completion, long Cached)> expected = [];
        void Add(string api, JsonElement answer, string prompt, string completion, string? cached = null)
        {
            (long Prompt, long Completion, long Cached) before = expected.GetValueOrDefault(api);
            JsonElement usage = answer.TryGetProperty("usage", out JsonElement found) ? found : answer;
            long read = cached is null ? 0 : usage.GetProperty("prompt_tokens_details").GetProperty(cached).GetInt64();
            expected[api] = (before.Prompt + usage.GetProperty(prompt).GetInt64(), before.Completion + usage.GetProperty(completion).GetInt64(), before.Cached + read);
        }

        Add("openai", await server.ChatAsync("/v1/chat/completions"), "prompt_tokens", "completion_tokens", "cached_tokens");
        Add("openai", await server.ChatAsync("/chat/completions"), "prompt_tokens", "completion_tokens", "cached_tokens");
        Add("model-runner", await server.ChatAsync("/engines/llama.cpp/v1/chat/completions"), "prompt_tokens", "completion_tokens", "cached_tokens");
        Add("ollama", await server.ChatAsync("/api/chat", new { stream = false, options = new { num_predict = 5 } }), "prompt_eval_count", "eval_count");
        JsonElement anthropic = await server.ChatAsync("/v1/messages");
        JsonElement usage = anthropic.GetProperty("usage");
        expected["anthropic"] = (usage.GetProperty("input_tokens").GetInt64() + usage.GetProperty("cache_read_input_tokens").GetInt64(), usage.GetProperty("output_tokens").GetInt64(), 0);
        (_, string native) = await server.PostAsync("/completion", new { model = "guide", prompt = "Hearth is", n_predict = 4 });
        Add("llama-server", JsonDocument.Parse(native).RootElement, "tokens_evaluated", "tokens_predicted");

        Dictionary<string, double> series = await server.ReadAsync(requests: 6);

        foreach ((string api, (long prompt, long completion, long cached)) in expected)
        {
            string labels = $"{{model=\"guide\",api=\"{api}\"}}";
            Assert.Equal((api, (double)prompt, (double)completion), (api, series["hearth_prompt_tokens_total" + labels], series["hearth_completion_tokens_total" + labels]));
            Assert.True(series.GetValueOrDefault("hearth_cached_tokens_total" + labels) >= cached, api);
            Assert.True(prompt > 0 && completion > 0, api);
        }

        Assert.Equal(2, series[Requests + "{model=\"guide\",api=\"openai\",operation=\"chat\",outcome=\"ok\"}"]);
        Assert.Equal(1, series[Requests + "{model=\"guide\",api=\"llama-server\",operation=\"text_completion\",outcome=\"ok\"}"]);
        Assert.Equal(expected["openai"].Cached, MetricsServer.Sum(series, "hearth_cached_tokens_total", "api=\"openai\""));
        Assert.True(expected["openai"].Cached > 0, "The second prompt begins like the first.");
        Assert.Equal(6, MetricsServer.Sum(series, "hearth_time_to_first_token_seconds_count"));
        Assert.Equal(6, MetricsServer.Sum(series, "hearth_time_per_output_token_seconds_count"));
        Assert.Equal(6, MetricsServer.Sum(series, "hearth_request_duration_seconds_count"));
        Assert.True(MetricsServer.Sum(series, "hearth_time_to_first_token_seconds_sum") < MetricsServer.Sum(series, "hearth_request_duration_seconds_sum"));
    }

    [Fact]
    public async Task LlamaServersNames_HaveWhatTheModelDid()
    {
        await using MetricsServer server = await MetricsServer.StartAsync();
        Assert.EndsWith("# No active runners\n", await server.ReadPageAsync(), StringComparison.Ordinal);
        JsonElement usage = (await server.ChatAsync("/v1/chat/completions")).GetProperty("usage");
        await server.ChatAsync("/v1/chat/completions");

        const string Labels = "{backend=\"hearth\",model=\"guide\",mode=\"completion\"}";
        Dictionary<string, double> series = await server.ReadAsync(series => series.GetValueOrDefault("llamacpp:tokens_predicted_total" + Labels) == 12);

        double prompt = usage.GetProperty("prompt_tokens").GetDouble();
        double computed = series["llamacpp:prompt_tokens_total" + Labels];
        Assert.InRange(computed, prompt + 1, (2 * prompt) - 1);
        Assert.Equal(prompt + 6, series["llamacpp:n_tokens_max" + Labels]);
        Assert.Equal(computed / series["llamacpp:prompt_seconds_total" + Labels], series["llamacpp:prompt_tokens_seconds" + Labels], 1e-6 * computed);
        Assert.Equal(12 / series["llamacpp:tokens_predicted_seconds_total" + Labels], series["llamacpp:predicted_tokens_seconds" + Labels], 1e-3);
        Assert.Equal((0, 0, 1), (series["llamacpp:requests_processing" + Labels], series["llamacpp:requests_deferred" + Labels], series["llamacpp:n_busy_slots_per_decode" + Labels]));
        Assert.Equal(series["hearth_steps_total{model=\"guide\"}"], series["llamacpp:n_decode_total" + Labels]);
        Assert.True(series["hearth_step_tokens_total{model=\"guide\"}"] >= computed + 10);
        Assert.DoesNotContain("# No active runners", await server.ReadPageAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_AreWrongRequestsAndThoseWithoutRoom()
    {
        await using MetricsServer server = await MetricsServer.StartAsync();
        Assert.Equal(400, (await server.PostAsync("/v1/chat/completions", new { model = "guide", top_p = 9, messages = new[] { new { role = "user", content = "Hearth" } } })).Status);
        Assert.Equal(404, (await server.PostAsync("/v1/messages", new { model = "nobody", max_tokens = 1, messages = Array.Empty<object>() })).Status);
        (HttpResponseMessage response, StreamReader reader) = await server.StreamAsync(maxTokens: 1_000_000);
        Assert.Equal(503, (await server.PostAsync("/completion", new { model = "guide", prompt = "Hearth" })).Status);
        reader.Dispose();
        response.Dispose();

        Dictionary<string, double> series = await server.ReadAsync(requests: 4);

        Assert.Equal(1, series[Requests + "{model=\"guide\",api=\"openai\",operation=\"chat\",outcome=\"refused\"}"]);
        Assert.Equal(1, series[Requests + "{model=\"unknown\",api=\"anthropic\",operation=\"chat\",outcome=\"refused\"}"]);
        Assert.Equal(1, series[Requests + "{model=\"guide\",api=\"llama-server\",operation=\"text_completion\",outcome=\"refused\"}"]);
        Assert.Equal(1, series[Requests + "{model=\"guide\",api=\"openai\",operation=\"text_completion\",outcome=\"cancelled\"}"]);
        Assert.Equal(0, MetricsServer.Sum(series, "hearth_request_duration_seconds_count"));
    }

    [Fact]
    public async Task Timeout_IsCountedForAnswersAndForStreams()
    {
        await using MetricsServer server = await MetricsServer.StartAsync();
        Assert.Equal(504, (await server.PostAsync("/v1/completions", new { model = "guide", prompt = "Hearth", ignore_eos = true, max_tokens = 1_000_000, timeout = 0.2 })).Status);
        (HttpResponseMessage response, StreamReader reader) = await server.StreamAsync(maxTokens: 1_000_000, timeout: 1);
        Assert.Contains("\"code\":\"timeout\"", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        reader.Dispose();
        response.Dispose();

        Dictionary<string, double> series = await server.ReadAsync(requests: 2);

        Assert.Equal(2, MetricsServer.Sum(series, Requests, "outcome=\"timeout\"", "model=\"guide\""));
        Assert.True(MetricsServer.Sum(series, "hearth_completion_tokens_total") > 0, "What was made before counts.");
    }

    [Fact]
    public async Task Failed_IsAModelThatCannotBeLoaded()
    {
        await using MetricsServer server = await MetricsServer.StartAsync();
        File.WriteAllText(server.BrokenPath, "no model");
        Assert.Equal(500, (await server.PostAsync("/v1/completions", new { model = "broken", prompt = "Hearth" })).Status);

        Dictionary<string, double> series = await server.ReadAsync(requests: 1);

        Assert.Equal(1, series[Requests + "{model=\"broken\",api=\"openai\",operation=\"text_completion\",outcome=\"failed\"}"]);
    }

    [Fact]
    public async Task EndOfTheServer_CancelsWhatRunsAndRefusesWhatComes()
    {
        await using MetricsServer server = await MetricsServer.StartAsync(new HearthServerOptions { ShutdownTimeout = Timeout.InfiniteTimeSpan });
        (HttpResponseMessage response, StreamReader reader) = await server.StreamAsync(maxTokens: 1_000_000);
        using CancellationTokenSource hurry = new();

        Task stopping = HearthServer.StopAsync(server.App, hurry.Token);
        Assert.Equal(503, (await server.PostAsync("/v1/completions", new { model = "guide", prompt = "Hearth" })).Status);
        await hurry.CancelAsync();
        await stopping;
        await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        reader.Dispose();
        response.Dispose();

        Dictionary<string, double> series = MetricsServer.Parse(server.Host.Metrics.ToText());
        Assert.Equal(1, series[Requests + "{model=\"guide\",api=\"openai\",operation=\"text_completion\",outcome=\"cancelled\"}"]);
        Assert.Equal(1, series[Requests + "{model=\"unknown\",api=\"openai\",operation=\"text_completion\",outcome=\"refused\"}"]);
    }

    [Fact]
    public async Task NamesThatNobodyServes_MakeNoSeries()
    {
        await using MetricsServer server = await MetricsServer.StartAsync();
        foreach (int number in Enumerable.Range(0, 20))
        {
            string path = (number % 3) switch { 0 => "/v1/chat/completions", 1 => $"/engines/evil{number}/v1/completions", _ => $"/evil{number}/embeddings" };
            (int status, _) = await server.PostAsync(path, new { model = $"evil{number}\n\"}}", prompt = "x", input = "x", messages = Array.Empty<object>() });
            Assert.InRange(status, 400, 404);
        }

        Dictionary<string, double> series = await server.ReadAsync(requests: 20);

        Assert.DoesNotContain(series, entry => entry.Key.Contains("evil", StringComparison.Ordinal));
        Assert.Equal(3, series.Keys.Count(key => key.StartsWith(Requests, StringComparison.Ordinal)));
        Assert.Equal(20, MetricsServer.Sum(series, Requests, "model=\"unknown\"", "outcome=\"refused\""));
    }

    [Fact]
    public async Task ModelsThatComeAndGo_AreCountedAndTheirSumsStay()
    {
        await using MetricsServer server = await MetricsServer.StartAsync();
        await server.ChatAsync("/v1/chat/completions");
        Dictionary<string, double> loaded = await server.ReadAsync(series => series.GetValueOrDefault("llamacpp:tokens_predicted_total{backend=\"hearth\",model=\"guide\",mode=\"completion\"}") == 6);

        await server.Host.UnloadAsync("guide", TestContext.Current.CancellationToken);
        Dictionary<string, double> gone = await server.ReadAsync(series => !series.ContainsKey("hearth_model_memory_bytes{model=\"guide\"}"));
        await server.ChatAsync("/v1/chat/completions", new { keep_alive = 0 });
        Dictionary<string, double> again = await server.ReadAsync(series => MetricsServer.Sum(series, "hearth_model_unloads_total") == 2);

        const string Steps = "hearth_steps_total{model=\"guide\"}";
        Assert.True(loaded[Steps] >= 6);
        Assert.Equal(loaded[Steps], gone[Steps]);
        Assert.True(again[Steps] >= loaded[Steps] + 6);
        Assert.Equal(2, again["hearth_model_loads_total{model=\"guide\",outcome=\"ok\"}"]);
        Assert.Equal(2, again["hearth_model_load_duration_seconds_count{model=\"guide\"}"]);
        Assert.Equal((1, 1), (again["hearth_model_unloads_total{model=\"guide\",reason=\"asked\"}"], again["hearth_model_unloads_total{model=\"guide\",reason=\"idle\"}"]));
        Assert.Equal((0, server.Host.MemoryBytes), (loaded["hearth_loading_requests"], loaded["hearth_memory_limit_bytes"]));
        Assert.Equal(loaded["hearth_model_memory_bytes{model=\"guide\"}"], server.Host.Find("guide").Estimate.Total);
        Assert.True(loaded["hearth_cache_blocks{model=\"guide\",state=\"free\"}"] > 0);
        Assert.DoesNotContain(gone.Keys, key => key.StartsWith("hearth_cache_blocks", StringComparison.Ordinal) || key.StartsWith("llamacpp:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EmbeddingsAndRanks_CountWhatTheyRead()
    {
        await using MetricsServer server = await MetricsServer.StartAsync();
        (int status, string text) = await server.PostAsync("/v1/embeddings", new { model = "guide", input = (string[])["Hearth", "serves models"] });
        Assert.Equal(200, status);
        double tokens = JsonDocument.Parse(text).RootElement.GetProperty("usage").GetProperty("prompt_tokens").GetDouble();

        Dictionary<string, double> series = await server.ReadAsync(requests: 1);

        Assert.Equal(tokens, series["hearth_prompt_tokens_total{model=\"guide\",api=\"openai\"}"]);
        Assert.Equal(1, series[Requests + "{model=\"guide\",api=\"openai\",operation=\"embeddings\",outcome=\"ok\"}"]);
        Assert.Equal(0, MetricsServer.Sum(series, "hearth_time_to_first_token_seconds_count"));
    }

    [Fact]
    public async Task PromptOfAThoughtAheadOfAnAnswerWithAForm_IsCountedOnce()
    {
        await using ScriptedServer server = new();
        await server.InitializeAsync();
        (int status, JsonElement answer) = await server.PostAsync("/api/generate", """{"model":"thinker","prompt":"hi","stream":false,"format":"json","options":{"temperature":0,"num_predict":60}}""");
        Assert.Equal(200, status);
        Assert.Equal(ScriptedServer.Thought, answer.GetProperty("thinking").GetString());

        Dictionary<string, double> series;
        do
        {
            series = MetricsServer.Parse(await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken));
        }
        while (MetricsServer.Sum(series, Requests) == 0);

        Assert.Equal(answer.GetProperty("prompt_eval_count").GetDouble(), MetricsServer.Sum(series, "hearth_prompt_tokens_total"));
        Assert.True(MetricsServer.Sum(series, "hearth_completion_tokens_total") >= answer.GetProperty("eval_count").GetDouble());
    }

    [Fact]
    public async Task Page_IsTextThatWantsAKeyWhereKeysAreWanted()
    {
        await using MetricsServer open = await MetricsServer.StartAsync();
        using HttpResponseMessage page = await open.Client.GetAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", page.Content.Headers.ContentType!.ToString());
        Assert.True(long.Parse(page.Headers.GetValues("Process-Start-Time-Unix").Single(), System.Globalization.CultureInfo.InvariantCulture) > 1_700_000_000);
        Assert.Equal(405, (await open.PostAsync("/metrics", new { })).Status);

        await using MetricsServer closed = await MetricsServer.StartAsync(new HearthServerOptions { Access = new AccessOptions { Key = "secret" } });
        Assert.Equal(401, await StatusAsync(closed, null));
        Assert.Equal(200, await StatusAsync(closed, "secret"));

        await using MetricsServer without = await MetricsServer.StartAsync(new HearthServerOptions { HasMetrics = false });
        Assert.Equal(404, await StatusAsync(without, null));
    }

    private static async Task<int> StatusAsync(MetricsServer server, string? key)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/metrics");
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
