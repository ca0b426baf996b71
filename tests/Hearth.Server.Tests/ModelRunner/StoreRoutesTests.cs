using System.Net.Http.Headers;
using System.Text.Json;
using Hearth.Store.Manifests;
using Hearth.Store.Modelfiles;
using Hearth.Store.References;
using Hearth.Store.Storage;
using Hearth.Store.Tests.Fakes;

namespace Hearth.Server.Tests.ModelRunner;

public sealed class StoreRoutesTests : IAsyncLifetime
{
    private StoreServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StoreServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Models_AreListedAndDescribed()
    {
        StoredModel model = await _server.AddGuideAsync("team/guide:v1");

        (int status, JsonElement list) = await _server.GetAsync("/models");
        (_, JsonElement one) = await _server.GetAsync("/models/team/guide:v1");

        Assert.Equal(200, status);
        JsonElement entry = Assert.Single(list.EnumerateArray());
        Assert.Equal(entry.GetRawText(), one.GetRawText());
        Assert.Equal((model.Id.ToString(), "docker.io/team/guide:v1", 0), (Text(entry, "id"), entry.GetProperty("tags")[0].GetString(), entry.GetProperty("created").GetInt64()));
        Assert.Equal(("gguf", "llama"), (Text(entry.GetProperty("config"), "format"), Text(entry.GetProperty("config"), "architecture")));
        Assert.Equal("llama", Text(entry.GetProperty("config").GetProperty("gguf"), "general.architecture"));
        Assert.Equal(404, (await _server.GetAsync("/models/team/other")).Status);
        Assert.Equal("team/guide:v1", Assert.Single((await _server.GetAsync("/v1/models")).Body.GetProperty("data").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task StoredModel_AnswersUnderAnyOfItsNamesUntilItIsRemoved()
    {
        StoredModel model = await _server.AddGuideAsync("team/guide:v1");

        (int status, JsonElement first) = await _server.AskAsync("team/guide:v1");
        Assert.Equal(200, status);
        foreach (string name in (string[])["docker.io/team/guide:v1", model.Id.ToString(), model.Id.Abbreviated, "guide:v1"])
        {
            Assert.Equal(Answer(first), Answer((await _server.AskAsync(name)).Body));
        }

        JsonElement running = Assert.Single((await _server.GetAsync("/engines/ps")).Body.EnumerateArray());
        Assert.Equal("team/guide:v1", Text(running, "model_name"));
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Delete, "/models/team/guide:v1")).Status);
        Assert.Empty((await _server.GetAsync("/engines/ps")).Body.EnumerateArray());
        Assert.Equal(404, (await _server.AskAsync("team/guide:v1")).Status);
    }

    [Fact]
    public async Task PreloadOnly_LoadsAndAnswersNothing()
    {
        await _server.AddGuideAsync("team/guide:v1");
        using HttpRequestMessage request = new(HttpMethod.Post, "/engines/v1/chat/completions") { Content = new StringContent("""{"model":"team/guide:v1"}""") };
        request.Headers.Add("X-Preload-Only", "true");

        using HttpResponseMessage response = await _server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((200, string.Empty), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.Equal("team/guide:v1", Text(Assert.Single((await _server.GetAsync("/engines/ps")).Body.EnumerateArray()), "model_name"));
    }

    [Fact]
    public async Task PackagedParameters_CountUnlessTheRequestSaysOtherwise()
    {
        await _server.AddGuideAsync("team/guide");
        Modelfile file = Modelfile.Parse("FROM team/guide\nPARAMETER num_predict 3\nPARAMETER num_ctx 300\nPARAMETER temperature 0\nSYSTEM You are Hearth's guide."u8);
        await _server.Store.CreateAsync(file, Path.GetTempPath(), ModelReference.Parse("team/short"), null, TestContext.Current.CancellationToken);

        JsonElement packaged = (await _server.AskAsync("team/short", maxTokens: null)).Body;
        JsonElement asked = (await _server.AskAsync("team/short", maxTokens: 5)).Body;
        JsonElement plain = (await _server.AskAsync("team/guide", maxTokens: 5)).Body;

        Assert.Equal((3, 5), (Tokens(packaged, "completion_tokens"), Tokens(asked, "completion_tokens")));
        Assert.True(Tokens(asked, "prompt_tokens") > Tokens(plain, "prompt_tokens"), "The packaged instructions are part of the prompt.");
        Assert.Equal(300, (await _server.GetAsync("/props?model=team/short")).Body.GetProperty("default_generation_settings").GetProperty("n_ctx").GetInt32());
    }

    [Fact]
    public async Task Pull_TellsItsProgressLineByLine()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        byte[] weights = FakeModel.Content(3_000_000);
        Digest id = registry.AddModel("team/model", "v1", (byte[][])[weights]);
        string body = $$"""{"from":"{{registry.Host}}/team/model:v1"}""";

        JsonElement[] lines = await _server.StreamAsync("/models/create", body);

        JsonElement last = lines[^1];
        Assert.Equal(("success", "Model pulled successfully", "pull"), (Text(last, "type"), Text(last, "message"), Text(last, "mode")));
        long[] current = [.. lines.Where(line => line.TryGetProperty("layer", out JsonElement layer) && Text(layer, "id") == Digest.Of(weights).ToString()).Select(line => line.GetProperty("layer").GetProperty("current").GetInt64())];
        Assert.NotEmpty(current);
        Assert.Equal(current.Order(), current);
        Assert.Equal(weights.Length, current[^1]);
        Assert.Equal(id, _server.Store.Get($"{registry.Host}/team/model:v1").Id);
        Assert.StartsWith("Using cached model: ", Text(Assert.Single(await _server.StreamAsync("/models/create", body), line => Text(line, "type") == "success"), "message"), StringComparison.Ordinal);
        (int status, string text) = await _server.SendTextAsync(HttpMethod.Post, "/models/create", body, "text/plain");
        Assert.Equal(200, status);
        Assert.Contains("Using cached model: ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_ThatCannotBeginHasItsStatus()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        byte[] config = "{}"u8.ToArray();
        registry.Add(config);
        registry.AddManifest("team/image", "latest", FakeModel.Manifest("application/vnd.oci.image.config.v1+json", config), MediaTypes.OciManifest);

        Assert.Equal(400, (await _server.SendAsync(HttpMethod.Post, "/models/create", "{")).Status);
        Assert.Equal(400, (await _server.SendAsync(HttpMethod.Post, "/models/create", "{}")).Status);
        Assert.Equal(400, (await _server.SendAsync(HttpMethod.Post, "/models/create", """{"from":"::"}""")).Status);
        Assert.Equal(400, (await _server.SendAsync(HttpMethod.Post, "/models/create", """{"from":"a/b","color":1}""")).Status);
        Assert.Equal(404, (await _server.SendAsync(HttpMethod.Post, "/models/create", $$"""{"from":"{{registry.Host}}/team/none"}""")).Status);
        Assert.Equal(422, (await _server.SendAsync(HttpMethod.Post, "/models/create", $$"""{"from":"{{registry.Host}}/team/image"}""")).Status);
        Assert.Equal(0, registry.Count("GET", "/blobs/" + Digest.Of(config)));
    }

    [Fact]
    public async Task Pull_ThatBreaksOffEndsWithAnErrorLine()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.AddModel("team/model", "v1", (byte[][])[FakeModel.Content(3_000_000)]);
        registry.Fault = new BlobFault { IsCorrupt = true };

        JsonElement[] lines = await _server.StreamAsync("/models/create", $$"""{"from":"{{registry.Host}}/team/model:v1"}""");

        Assert.Equal("error", Text(lines[^1], "type"));
        Assert.Contains("sha256:", Text(lines[^1], "message"), StringComparison.Ordinal);
        Assert.Empty(_server.Store.List());
    }

    [Fact]
    public async Task Tag_Push_AndRemoteInspection()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        StoredModel model = await _server.AddGuideAsync("team/guide");

        (int status, JsonElement tagged) = await _server.SendAsync(HttpMethod.Post, $"/models/team/guide/tag?repo={registry.Host}/team/guide&tag=v1");
        JsonElement pushed = (await _server.StreamAsync($"/models/{registry.Host}/team/guide:v1/push", "{}"))[^1];
        JsonElement remote = (await _server.GetAsync($"/models/{registry.Host}/team/guide:v1?remote=true")).Body;

        Assert.Equal((201, $"{registry.Host}/team/guide:v1"), (status, Text(tagged, "target")));
        Assert.Equal(("success", "push"), (Text(pushed, "type"), Text(pushed, "mode")));
        Assert.Equal(model.Id.ToString(), Text(remote, "id"));
        Assert.Equal(400, (await _server.SendAsync(HttpMethod.Post, "/models/team/guide/tag?repo=x")).Status);
        Assert.Equal(404, (await _server.SendAsync(HttpMethod.Post, "/models/team/none/tag?repo=x&tag=y")).Status);
        Assert.Equal(404, (await _server.SendAsync(HttpMethod.Post, "/models/team/guide/dance")).Status);
    }

    [Fact]
    public async Task Delete_ByTagUntagsAndByIdNeedsForce()
    {
        StoredModel model = await _server.AddGuideAsync("team/guide:a");
        _server.Store.Tag(model, ModelReference.Parse("team/guide:b"));

        (int conflict, _) = await _server.SendAsync(HttpMethod.Delete, $"/models/{model.Id}");
        JsonElement untagged = Assert.Single((await _server.SendAsync(HttpMethod.Delete, "/models/team/guide:a")).Body.EnumerateArray());
        _server.Store.Tag(model, ModelReference.Parse("team/guide:c"));
        (int status, JsonElement removed) = await _server.SendAsync(HttpMethod.Delete, $"/models/{model.Id}?force=true");

        Assert.Equal(409, conflict);
        Assert.Equal("docker.io/team/guide:a", Text(untagged, "Untagged"));
        Assert.Equal(200, status);
        Assert.Equal(2, removed.EnumerateArray().Count(line => line.TryGetProperty("Untagged", out _)));
        Assert.Contains(removed.EnumerateArray(), line => line.TryGetProperty("Deleted", out JsonElement digest) && digest.GetString() == model.Id.ToString());
        Assert.Equal(404, (await _server.SendAsync(HttpMethod.Delete, "/models/team/guide:b")).Status);
    }

    [Fact]
    public async Task Purge_RemovesEverything()
    {
        StoredModel model = await _server.AddGuideAsync("team/guide:a");
        _server.Store.Tag(model, ModelReference.Parse("team/guide:b"));
        _server.Store.Repackage(model, ModelReference.Parse("team/small"), 320);

        Assert.Equal(200, (await _server.SendTextAsync(HttpMethod.Delete, "/models/purge", null, "application/json")).Status);

        Assert.Empty((await _server.GetAsync("/models")).Body.EnumerateArray());
        Assert.Equal(0, (await _server.GetAsync("/engines/df")).Body.GetProperty("models_disk_usage").GetInt64());
    }

    [Fact]
    public async Task Export_CanBeLoadedElsewhere()
    {
        StoredModel model = await _server.AddGuideAsync("team/guide:a");
        byte[] archive = await _server.Client.GetByteArrayAsync("/models/team/guide:a/export", TestContext.Current.CancellationToken);
        await using StoreServer other = await StoreServer.StartAsync();

        using ByteArrayContent content = new(archive);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        using HttpRequestMessage request = new(HttpMethod.Post, "/models/load") { Content = content };
        request.Headers.Add("Accept", "application/json");
        using HttpResponseMessage response = await other.Client.SendAsync(request, TestContext.Current.CancellationToken);

        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains(model.Id.ToString(), text, StringComparison.Ordinal);
        Assert.Equal(model.Id, other.Store.Get("team/guide:a").Id);
        Assert.Equal(200, (await other.AskAsync("team/guide:a")).Status);
    }

    [Fact]
    public async Task Repackage_ChangesTheContextOnly()
    {
        StoredModel model = await _server.AddGuideAsync("team/guide");

        (int status, JsonElement body) = await _server.SendAsync(HttpMethod.Post, "/models/team/guide/repackage", """{"target":"team/small","context_size":320}""");

        Assert.Equal((201, "docker.io/team/small:latest", "team/guide"), (status, Text(body, "target"), Text(body, "source")));
        StoredModel small = _server.Store.Get("team/small");
        Assert.NotEqual(model.Id, small.Id);
        Assert.Equal(_server.Store.GetManifest(model).Layers[0].Digest, _server.Store.GetManifest(small).Layers[0].Digest);
        Assert.Equal(320, (await _server.GetAsync("/props?model=team/small")).Body.GetProperty("default_generation_settings").GetProperty("n_ctx").GetInt32());
        Assert.Equal(400, (await _server.SendAsync(HttpMethod.Post, "/models/team/guide/repackage", """{"target":"team/small"}""")).Status);
    }

    [Theory]
    [InlineData("POST", "/models/create")]
    [InlineData("POST", "/models/load")]
    [InlineData("POST", "/models/team/guide/tag?repo=a&tag=b")]
    [InlineData("DELETE", "/models/team/guide")]
    public async Task PagesOfOtherSites_ChangeNothing(string method, string path)
    {
        await _server.AddGuideAsync("team/guide");

        Assert.Equal(403, (await _server.SendAsync(new HttpMethod(method), path, "{}", "https://evil.example")).Status);

        Assert.Equal("docker.io/team/guide:latest", Assert.Single(Assert.Single(_server.Store.List()).References).ToString());
    }

    [Fact]
    public async Task Logs_HaveTheRequests()
    {
        await _server.GetAsync("/models");

        (int status, string text) = await _server.SendTextAsync(HttpMethod.Get, "/logs?no-engines=1", null, "text/plain");

        Assert.Equal(200, status);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info req_[0-9a-f]{32} GET /models 200 \d+ ms\n$", text);
        Assert.Equal(400, (await _server.GetAsync("/logs?follow=maybe")).Status);
        using HttpResponseMessage following = await _server.Client.GetAsync("/logs?follow=true", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using StreamReader lines = new(await following.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        await _server.GetAsync("/version");
        string? line = null;
        while (line?.Contains("/version", StringComparison.Ordinal) != true)
        {
            line = await lines.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new EndOfStreamException();
        }
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static int Tokens(JsonElement answer, string name) => answer.GetProperty("usage").GetProperty(name).GetInt32();

    private static string? Answer(JsonElement body) => Text(body.GetProperty("choices")[0].GetProperty("message"), "content");
}
