using System.Text.Json;
using Hearth.Server.Errors;
using Hearth.Server.LocalAi;
using Hearth.Server.Tests.Hosting;
using Hearth.Server.Tests.ModelRunner;
using Hearth.Store.References;
using Hearth.Store.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hearth.Server.Tests.LocalAi;

/// <summary>LocalAI's jobs under <c>/models</c>.</summary>
public sealed class ModelJobTests : IAsyncLifetime
{
    private StoreServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StoreServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("id")]
    [InlineData("url")]
    public async Task Apply_PullsInTheBackgroundAndTellsHowFarItIs(string field)
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        TaskCompletionSource gate = new();
        registry.BeforeBlob = _ => gate.Task;
        byte[] weights = FakeModel.Content(3_000_000);
        Digest id = registry.AddModel("team/model", "v1", (byte[][])[weights]);

        (int status, JsonElement link) = await _server.SendAsync(HttpMethod.Post, "/models/apply", $$"""{"{{field}}":"oci://{{registry.Host}}/team/model:v1","name":"team/mine","overrides":{},"files":[]}""");

        string uuid = Text(link, "uuid")!;
        Assert.Equal((200, $"{_server.Client.BaseAddress}models/jobs/{uuid}"), (status, Text(link, "status")));
        JsonElement running = (await _server.GetAsync($"/models/jobs/{uuid}")).Body;
        Assert.Equal((false, false, JsonValueKind.Null), (running.GetProperty("processed").GetBoolean(), running.GetProperty("deletion").GetBoolean(), running.GetProperty("error").ValueKind));
        gate.SetResult();
        JsonElement done = await EndAsync(uuid);
        Assert.Equal(("completed", 100.0, JsonValueKind.Null), (Text(done, "message"), done.GetProperty("progress").GetDouble(), done.GetProperty("error").ValueKind));
        Assert.Equal((Text(done, "file_size"), true), (Text(done, "downloaded_size"), Text(done, "file_size")!.EndsWith(" MiB", StringComparison.Ordinal)));
        Assert.Equal((id, id), (_server.Store.Get($"{registry.Host}/team/model:v1").Id, _server.Store.Get("team/mine").Id));
        JsonProperty listed = Assert.Single((await _server.GetAsync("/models/jobs")).Body.EnumerateObject());
        Assert.Equal((uuid, done.GetRawText()), (listed.Name, listed.Value.GetRawText()));
        string page = await _server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("hearth_pulls_total{outcome=\"ok\"} 1\n", page, StringComparison.Ordinal);
        Assert.Matches("hearth_pulled_bytes_total 3[0-9]{6}\n", page);
    }

    [Fact]
    public async Task Apply_ThatFailsSaysWhy()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();

        (_, JsonElement link) = await _server.SendAsync(HttpMethod.Post, "/models/apply", $$"""{"id":"{{registry.Host}}/team/nothing"}""");

        JsonElement done = await EndAsync(Text(link, "uuid")!);
        Assert.Contains("team/nothing", Text(done, "error"), StringComparison.Ordinal);
        Assert.StartsWith("error: ", Text(done, "message"), StringComparison.Ordinal);
        Assert.Equal(0, done.GetProperty("progress").GetDouble());
        Assert.Contains("hearth_pulls_total{outcome=\"failed\"} 1\n", await _server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "missing_required_parameter", "id")]
    [InlineData("""{"id":"ai/a","url":"ai/b"}""", "invalid_value", "url")]
    [InlineData("""{"id":"model-gallery@bert"}""", "unsupported_parameter", "galleries")]
    [InlineData("""{"url":"github:go-skynet/model-gallery/gpt4all-j.yaml"}""", "unsupported_parameter", "describes")]
    [InlineData("""{"url":"file:///etc/passwd"}""", "unsupported_parameter", "describes")]
    [InlineData("""{"id":"https://example.com/model.gguf"}""", "invalid_value", "https://")]
    [InlineData("""{"id":"ai/a","overrides":{"f16":true}}""", "unsupported_parameter", "overrides")]
    [InlineData("""{"id":"ai/a","config_url":"https://x"}""", "unsupported_parameter", "config_url")]
    [InlineData("""{"id":"ai/a","name":"no name"}""", "invalid_value", "no name")]
    [InlineData("""{"id":"ai/a","wishes":1}""", "unsupported_parameter", "wishes")]
    [InlineData("""{"id":7}""", "invalid_type", "id")]
    public async Task Apply_RefusesWhatItCannotDo(string body, string code, string word)
    {
        (int status, JsonElement answer) = await _server.SendAsync(HttpMethod.Post, "/models/apply", body);

        Assert.Equal((400, code), (status, Text(answer.GetProperty("error"), "code")));
        Assert.Contains(word, Text(answer.GetProperty("error"), "message"), StringComparison.Ordinal);
        Assert.Empty((await _server.GetAsync("/models/jobs")).Body.EnumerateObject());
    }

    [Theory]
    [InlineData("huggingface://Owner/Repo/model.Q4_K_M.gguf", "hf.co/Owner/Repo:model.Q4_K_M.gguf")]
    [InlineData("huggingface://Owner/Repo/folder/model.gguf@v2", "hf.co/Owner/Repo:model.gguf@v2")]
    [InlineData("hf://Owner/Repo", "hf.co/Owner/Repo")]
    [InlineData("https://huggingface.co/Owner/Repo/resolve/main/model.gguf", "hf.co/Owner/Repo:model.gguf")]
    [InlineData("ollama://gemma:2b", "registry.ollama.ai/library/gemma:2b")]
    [InlineData("oci://registry:5000/team/model", "registry:5000/team/model:latest")]
    [InlineData("smollm2", "docker.io/ai/smollm2:latest")]
    public void Sources_AreReferences(string text, string expected) => Assert.Equal(expected, ModelSource.Read(_server.Store, text, "id").ToString());

    [Fact]
    public async Task Delete_RemovesAndIsAJobThatIsDone()
    {
        await _server.AddGuideAsync("team/guide:v1");

        (int status, JsonElement link) = await _server.SendAsync(HttpMethod.Post, "/models/delete/team/guide:v1");
        (int missing, _) = await _server.SendAsync(HttpMethod.Post, "/models/delete/team/guide:v1");

        Assert.Equal((200, 404), (status, missing));
        Assert.Null(_server.Store.Find("team/guide:v1"));
        JsonElement job = (await _server.GetAsync($"/models/jobs/{Text(link, "uuid")}")).Body;
        Assert.Equal((true, true, "completed", "team/guide:v1"), (job.GetProperty("processed").GetBoolean(), job.GetProperty("deletion").GetBoolean(), Text(job, "message"), Text(job, "gallery_element_name")));
    }

    [Fact]
    public async Task OtherRoutes_AreAsTheyWere()
    {
        await _server.AddGuideAsync("team/guide:v1");

        Assert.Equal(501, (await _server.GetAsync("/models/available")).Status);
        Assert.Equal(404, (await _server.GetAsync($"/models/jobs/{Guid.NewGuid()}")).Status);
        Assert.Equal(200, (await _server.GetAsync("/models/team/guide:v1")).Status);
        Assert.Equal(201, (await _server.SendAsync(HttpMethod.Post, "/models/team/guide:v1/tag?repo=jobs/guide&tag=v1")).Status);
        Assert.Equal(200, (await _server.GetAsync("/models/jobs/guide:v1")).Status);
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Delete, "/models/jobs/guide:v1")).Status);
    }

    [Fact]
    public async Task Jobs_AreBoundedInNumberAndAge()
    {
        ManualTime time = new();
        await using ModelJobs jobs = new(time, NullLoggerFactory.Instance);
        TaskCompletionSource gate = new();
        ModelJob[] running = [.. Enumerable.Range(0, ModelJobs.MaxRunning).Select(number => jobs.Start($"model-{number}", (_, _) => gate.Task))];
        Assert.Equal("too_many_jobs", Assert.Throws<ApiException>(() => jobs.Start("one-more", (_, _) => Task.CompletedTask)).Code);
        for (int number = 0; number < 2 * ModelJobs.MaxJobs; number++)
        {
            jobs.AddDeletion($"old-{number}");
        }

        Assert.Equal(ModelJobs.MaxJobs, jobs.All.Count);
        Assert.All(running, job => Assert.Contains(job, jobs.All));
        time.Advance(ModelJobs.MaxAge + TimeSpan.FromSeconds(1));
        Assert.Equal(running, jobs.All);
        gate.SetResult();
        while (jobs.All.Any(job => job.Ended is null))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        time.Advance(ModelJobs.MaxAge + TimeSpan.FromSeconds(1));
        Assert.Empty(jobs.All);
    }

    [Fact]
    public async Task EndOfTheServer_CancelsJobs()
    {
        ModelJobs jobs = new(TimeProvider.System, NullLoggerFactory.Instance);
        ModelJob job = jobs.Start("model", (_, cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken));

        await jobs.DisposeAsync();
        await jobs.DisposeAsync();

        JobBody body = job.Describe();
        Assert.Equal((true, true, "cancelled"), (body.Processed, body.Cancelled, body.Message));
        Assert.Equal("server_stopping", Assert.Throws<ApiException>(() => jobs.Start("late", (_, _) => Task.CompletedTask)).Code);
    }

    private async Task<JsonElement> EndAsync(string uuid)
    {
        while (true)
        {
            JsonElement job = (await _server.GetAsync($"/models/jobs/{uuid}")).Body;
            if (job.GetProperty("processed").GetBoolean())
            {
                return job;
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
