using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Hosting;
using Hearth.Server.Settings;
using Microsoft.AspNetCore.Builder;

namespace Hearth.Server.Tests.ModelRunner;

public sealed class EngineRoutesTests(MixedServer mixed) : IAsyncLifetime
{
    private const string Completion = """{"model":"guide","prompt":"Hearth is","max_tokens":8,"seed":1}""";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");
    private ModelHost? _host;
    private WebApplication? _app;
    private HttpClient _client = new();

    private SettingsStore Store => new(Path.Combine(_folder.FullName, "settings.json"));

    public async ValueTask InitializeAsync()
    {
        _host = new ModelHost(new ModelHostOptions { Settings = Store, MemoryBytes = 4L << 30 });
        _host.Register("guide", BuiltInModels.Resolve(BuiltInModels.Guide), commandLine: ModelSettings.None.With("ctx-size", "512"));
        _host.Register("embedder", mixed.EmbedderPath);
        _app = HearthServer.Create(_host, new HearthServerOptions { Listen = [ListenAddress.Parse("127.0.0.1:0")] });
        await _app.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app!.DisposeAsync();
        _host!.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Ps_ListsWhatIsLoaded()
    {
        Assert.Empty((await GetAsync("/engines/ps")).EnumerateArray());
        await PostAsync("/v1/completions", Completion);
        await PostAsync("/v1/embeddings", """{"model":"guide","input":"hi","keep_alive":-1}""");

        JsonElement[] runners = [.. (await GetAsync("/engines/ps")).EnumerateArray()];

        Assert.Equal(["completion", "embedding"], runners.Select(runner => runner.GetProperty("mode").GetString()));
        Assert.All(runners, runner => Assert.Equal(("hearth", "guide", 512), (Text(runner, "backend_name"), Text(runner, "model_name"), runner.GetProperty("context_length").GetInt32())));
        Assert.Equal(("5m", "-1"), (Text(runners[0], "keep_alive"), Text(runners[1], "keep_alive")));
        Assert.Equal(_host!.Find("guide").Estimate.Total, runners[0].GetProperty("memory_bytes").GetInt64());
        Assert.False(runners[1].TryGetProperty("expires_at", out _));
        JsonElement scheduler = runners[0].GetProperty("scheduler");
        Assert.Equal((0, 0, 8), (scheduler.GetProperty("running").GetInt32(), scheduler.GetProperty("used_blocks").GetInt32(), scheduler.GetProperty("completion_tokens").GetInt32()));
        Assert.False(runners[1].TryGetProperty("scheduler", out _));
    }

    [Fact]
    public async Task ReasoningBudget_IsConfiguredAndShown()
    {
        (int status, _) = await PostAsync("/engines/_configure", """{"model":"guide","llamacpp":{"reasoning-budget":64}}""", hasBody: false);

        JsonElement config = (await GetAsync("/engines/_configure?model=guide"))[0].GetProperty("Config");
        Assert.InRange(status, 200, 202);
        Assert.Equal(64, config.GetProperty("llamacpp").GetProperty("reasoning-budget").GetInt32());
        Assert.Equal(64, _host!.Find("guide").Options.ReasoningBudget);
        Assert.Equal(400, (await PostAsync("/engines/_configure", """{"model":"guide","llamacpp":{"reasoning-budget":-2}}""")).Status);
        Assert.Equal(400, (await PostAsync("/engines/_configure", """{"model":"guide","llamacpp":{"other":1}}""")).Status);
    }

    [Fact]
    public async Task Unload_CountsWhatGoes()
    {
        await PostAsync("/v1/completions", Completion);
        await PostAsync("/v1/embeddings", """{"model":"embedder","input":"hi"}""");

        Assert.Equal((200, 0), await UnloadAsync("""{"models":["nothing"]}"""));
        Assert.Equal((200, 1), await UnloadAsync("""{"models":["guide"],"backend":"llama.cpp"}"""));
        Assert.Equal((200, 0), await UnloadAsync("""{"models":["guide"]}"""));
        Assert.Equal((200, 1), await UnloadAsync("""{"all":true}"""));
        Assert.Equal(400, (await PostAsync("/engines/unload", "{}")).Status);
        Assert.Equal(0, _host!.UsedBytes);
    }

    [Fact]
    public async Task Configure_IsKeptAndTakesPrecedenceOverTheCommandLine()
    {
        (int status, _) = await PostAsync("/engines/_configure", """{"model":"guide","context-size":256,"keep_alive":"10m","runtime-flags":["--temp","0.5"]}""", hasBody: false);

        Assert.Equal(202, status);
        Assert.Equal(256, (await GetAsync("/props")).GetProperty("default_generation_settings").GetProperty("n_ctx").GetInt32());
        ServedModelOptions kept = Store.Get("guide").ToOptions();
        Assert.Equal((256, TimeSpan.FromMinutes(10), 0.5f), (kept.Load.ContextLength, kept.KeepAlive, kept.Sampling.Temperature));
    }

    [Fact]
    public async Task Configure_ReloadsAModelThatIsLoadedWithItsNextRequest()
    {
        await PostAsync("/v1/completions", Completion);

        await PostAsync("/engines/hearth/_configure", """{"model":"guide","context-size":128}""", hasBody: false);
        await PostAsync("/v1/completions", Completion);

        Assert.Equal(128, (await GetAsync("/engines/ps"))[0].GetProperty("context_length").GetInt32());
    }

    [Fact]
    public async Task Configure_OfSamplingIsTheDefaultOfRequests()
    {
        string Answer(JsonElement body) => body.GetProperty("choices")[0].GetProperty("text").GetString()!;
        string greedy = Answer((await PostAsync("/v1/completions", """{"model":"guide","prompt":"Hearth is","max_tokens":8,"temperature":0}""")).Body);
        string hot = Answer((await PostAsync("/v1/completions", """{"model":"guide","prompt":"Hearth is","max_tokens":8,"temperature":5,"seed":1}""")).Body);
        Assert.NotEqual(greedy, hot);

        await PostAsync("/engines/_configure", """{"model":"guide","raw-runtime-flags":"--temp 0"}""", hasBody: false);

        Assert.Equal(greedy, Answer((await PostAsync("/v1/completions", """{"model":"guide","prompt":"Hearth is","max_tokens":8}""")).Body));
        Assert.Equal(hot, Answer((await PostAsync("/v1/completions", """{"model":"guide","prompt":"Hearth is","max_tokens":8,"temperature":5,"seed":1}""")).Body));
    }

    [Fact]
    public async Task SettingsThatAnotherProgramChanges_TakeEffect()
    {
        await PostAsync("/v1/embeddings", """{"model":"embedder","input":"hi"}""");
        Store.Update(SettingsStore.KeyOf(mixed.EmbedderPath), before => before.With("ctx-size", "16"));

        await PostAsync("/v1/embeddings", """{"model":"embedder","input":"hi"}""");

        Assert.Equal(16, (await GetAsync("/engines/ps"))[0].GetProperty("context_length").GetInt32());
    }

    [Theory]
    [InlineData("""{"context-size":5}""", 400, "model")]
    [InlineData("""{"model":"nothing"}""", 404, "model")]
    [InlineData("""{"model":"guide","mode":"reranking"}""", 400, "model")]
    [InlineData("""{"model":"guide","mode":"image-generation"}""", 400, "mode")]
    [InlineData("""{"model":"guide","context-size":0}""", 400, "context-size")]
    [InlineData("""{"model":"guide","runtime-flags":["--mmap"]}""", 400, "--mmap")]
    [InlineData("""{"model":"guide","runtime-flags":["--temp"]}""", 400, "--temp")]
    [InlineData("""{"model":"guide","runtime-flags":["--temp","-1"]}""", 400, "temp")]
    [InlineData("""{"model":"guide","runtime-flags":["512"]}""", 400, "runtime-flags")]
    [InlineData("""{"model":"guide","raw-runtime-flags":"--temp '0.5"}""", 400, "raw-runtime-flags")]
    [InlineData("""{"model":"guide","speculative":{"min_acceptance_rate":0.5}}""", 400, "speculative.min_acceptance_rate")]
    [InlineData("""{"model":"guide","vllm":{"gpu-memory-utilization":0.5}}""", 400, "vllm")]
    [InlineData("""{"model":"guide","keep_alive":"soon"}""", 400, "keep_alive")]
    [InlineData("""{"model":"guide","colour":"red"}""", 400, "colour")]
    [InlineData("""{"model":"guide","context-size":900000000}""", 507, "model")]
    [InlineData("""{"model":"guide","runtime-flags":["--lora","/some/file"]}""", 400, "--lora")]
    [InlineData("""{"model":"guide","runtime-flags":["--chat-template=/etc/passwd"]}""", 400, "--chat-template")]
    [InlineData("""{"model":"guide","raw-runtime-flags":"--prefix-cache /tmp"}""", 400, "--prefix-cache")]
    [InlineData("""{"model":"guide","raw-runtime-flags":"-md /some/file"}""", 400, "-md")]
    [InlineData("""{"model":"guide","speculative":{"draft_model":"/some/file"}}""", 404, "model")]
    public async Task Configure_RefusesByNameAndChangesNothing(string json, int expected, string? parameter)
    {
        (int status, JsonElement body) = await PostAsync("/engines/_configure", json);

        Assert.Equal((expected, parameter), (status, body.GetProperty("error").GetProperty("param").GetString()));
        Assert.Empty(Store.Get("guide").Values);
        Assert.Equal(512, _host!.Find("guide").Options.Load.ContextLength);
    }

    [Fact]
    public async Task Configuration_IsShownWithWhereItIsFrom()
    {
        await PostAsync("/engines/_configure", """{"model":"guide","speculative":{"draft_model":"guide","num_tokens":3},"runtime-flags":["--parallel=2"]}""", hasBody: false);

        JsonElement entry = Assert.Single((await GetAsync("/engines/_configure?model=guide")).EnumerateArray());

        Assert.Equal(("hearth", "guide", "completion"), (Text(entry, "Backend"), Text(entry, "Model"), Text(entry, "Mode")));
        JsonElement config = entry.GetProperty("Config");
        Assert.Equal((512, 3), (config.GetProperty("context-size").GetInt32(), config.GetProperty("speculative").GetProperty("num_tokens").GetInt32()));
        string Origin(string name) => Text(config.GetProperty("settings").EnumerateArray().Single(setting => Text(setting, "name") == name), "origin");
        Assert.Equal(("command line", "settings", "default", "model"), (Origin("ctx-size"), Origin("parallel"), Origin("threads"), Origin("chat-template")));
        Assert.Equal(2, (await GetAsync("/engines/_configure")).GetArrayLength());
    }

    [Fact]
    public async Task Props_SayWhatIsInForceWithoutLoading()
    {
        JsonElement props = await GetAsync("/props?model=guide");

        Assert.Equal((512, 16, "guide"), (props.GetProperty("default_generation_settings").GetProperty("n_ctx").GetInt32(), props.GetProperty("total_slots").GetInt32(), Text(props, "model_alias")));
        Assert.Equal(_host!.Find("guide").Header.ChatTemplate, Text(props, "chat_template"));
        Assert.Equal(0.8, props.GetProperty("default_generation_settings").GetProperty("params").GetProperty("temperature").GetDouble(), 1e-6);
        Assert.True(props.GetProperty("is_sleeping").GetBoolean());
        Assert.Equal(0, _host.UsedBytes);
        using ModelLease<LanguageModel> lease = await _host.AcquireLanguageAsync("guide", cancellationToken: TestContext.Current.CancellationToken);
        Assert.False((await GetAsync("/props")).GetProperty("is_sleeping").GetBoolean());
    }

    [Theory]
    [InlineData("/engines/_configure", """{"model":"guide","context-size":64}""")]
    [InlineData("/engines/unload", """{"all":true}""")]
    public async Task PageOfAnotherSite_CannotChangeAnything(string path, string json)
    {
        await PostAsync("/v1/completions", Completion);
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "text/plain") };
        request.Headers.Add("Origin", "https://somewhere.example");

        using HttpResponseMessage response = await _client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(403, (int)response.StatusCode);
        Assert.NotEqual(0, _host!.UsedBytes);
        Assert.Equal(512, _host.Find("guide").Options.Load.ContextLength);
        using HttpRequestMessage own = new(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        own.Headers.Add("Origin", _client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        using HttpResponseMessage accepted = await _client.SendAsync(own, TestContext.Current.CancellationToken);
        Assert.True(accepted.IsSuccessStatusCode);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private async Task<(int Status, int Unloaded)> UnloadAsync(string json)
    {
        (int status, JsonElement body) = await PostAsync("/engines/unload", json);
        return (status, body.GetProperty("unloaded_runners").GetInt32());
    }

    private Task<JsonElement> GetAsync(string path) => _client.GetFromJsonAsync<JsonElement>(path, TestContext.Current.CancellationToken);

    private async Task<(int Status, JsonElement Body)> PostAsync(string path, string json, bool hasBody = true)
    {
        using StringContent content = new(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _client.PostAsync(path, content, TestContext.Current.CancellationToken);
        JsonElement body = hasBody ? await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken) : default;
        return ((int)response.StatusCode, body);
    }
}
