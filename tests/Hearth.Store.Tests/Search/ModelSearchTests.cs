using Hearth.Store.Registries;
using Hearth.Store.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace Hearth.Store.Tests.Search;

public sealed class ModelSearchTests : IAsyncLifetime
{
    private FakeServer _hub = null!;
    private FakeServer _docker = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await FakeServer.StartAsync(context => context.Response.WriteAsync("""
            [
              {"id":"bartowski/Qwen2.5-GGUF","downloads":500,"likes":7,"pipeline_tag":"text-generation","lastModified":"2026-01-02T03:04:05.000Z","tags":["gguf"]},
              {"id":"no-owner"},
              {"id":"unsloth/Qwen3-GGUF","downloads":400,"likes":6,"createdAt":"2025-01-01T00:00:00.000Z"}
            ]
            """));
        _docker = await FakeServer.StartAsync(context => context.Response.WriteAsync(context.Request.Query["page"] == "2"
            ? """{"count":3,"next":null,"results":[{"name":"smollm2","namespace":"ai","description":"Tiny models","star_count":3,"pull_count":300,"last_updated":"2026-02-03T04:05:06.7Z"}]}"""
            : $$"""{"count":3,"next":"{{_docker.Address}}v2/namespaces/ai/repositories?page=2","results":[{"name":"qwen2.5","description":"Qwen of 2.5","star_count":1,"pull_count":100},{"name":"gemma3","description":null,"pull_count":200}]}"""));
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _docker.DisposeAsync();
    }

    [Fact]
    public async Task Everywhere_GivesDockerHubFirst_ByDownloads()
    {
        ModelSearchResult result = await SearchAsync(string.Empty);
        Assert.Equal(["ai/smollm2", "ai/gemma3", "ai/qwen2.5", "hf.co/bartowski/Qwen2.5-GGUF", "hf.co/unsloth/Qwen3-GGUF"], result.Models.Select(model => model.Name));
        Assert.Empty(result.Warnings);
        Assert.Equal(new FoundModel("ai/smollm2", "Tiny models", 300, 3, "Docker Hub") { Updated = DateTimeOffset.Parse("2026-02-03T04:05:06.7Z") }, result.Models[0]);
        Assert.Equal(new FoundModel("hf.co/bartowski/Qwen2.5-GGUF", "text-generation", 500, 7, "Hugging Face") { Updated = DateTimeOffset.Parse("2026-01-02T03:04:05Z") }, result.Models[3]);
        Assert.Equal(DateTimeOffset.Parse("2025-01-01T00:00:00Z"), result.Models[4].Updated);
    }

    [Theory]
    [InlineData("QWEN", "ai/qwen2.5")]
    [InlineData("tiny smol", "ai/smollm2")]
    [InlineData("nothing of the kind", "")]
    public async Task DockerHub_IsFilteredByAllWords(string term, string expected)
    {
        ModelSearchResult result = await SearchAsync(term, SearchSource.DockerHub);
        Assert.Equal(expected, string.Join(' ', result.Models.Select(model => model.Name)));
        Assert.Empty(_hub.Requests);
    }

    [Fact]
    public async Task HuggingFace_IsAskedForTheTerm()
    {
        ModelSearchResult result = await SearchAsync(" qwen 2.5&x ", SearchSource.HuggingFace, 5);
        Assert.Equal(2, result.Models.Count);
        Assert.Equal("GET /api/models?search=qwen%202.5%26x&filter=gguf&sort=downloads&direction=-1&limit=5&full=true", Assert.Single(_hub.Requests).ToString());
        Assert.Empty(_docker.Requests);
    }

    [Fact]
    public async Task Limit_IsKept()
    {
        ModelSearchResult result = await SearchAsync(string.Empty, limit: 4);
        Assert.Equal("hf.co/bartowski/Qwen2.5-GGUF", result.Models[^1].Name);
        Assert.Equal(4, result.Models.Count);
    }

    [Fact]
    public async Task AnotherDefaultRegistry_MakesNamesWhole()
    {
        ModelSearchResult result = await SearchAsync("gemma", SearchSource.DockerHub, change: options => options with { DefaultRegistry = "registry.example" });
        Assert.Equal("docker.io/ai/gemma3", Assert.Single(result.Models).Name);
    }

    [Fact]
    public async Task OnePlaceThatFails_IsAWarning()
    {
        _docker.Intercept = FailAsync;
        ModelSearchResult result = await SearchAsync(string.Empty);
        Assert.Equal(2, result.Models.Count);
        Assert.Contains("503", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllPlacesThatFail_AreAnError()
    {
        _docker.Intercept = FailAsync;
        _hub.Intercept = FailAsync;
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => SearchAsync(string.Empty));
        Assert.Equal(RegistryErrorKind.Unavailable, exception.Kind);
    }

    [Fact]
    public async Task TheOnlyPlaceThatFails_IsAnError()
    {
        _docker.Intercept = FailAsync;
        await Assert.ThrowsAsync<RegistryException>(() => SearchAsync(string.Empty, SearchSource.DockerHub));
    }

    [Fact]
    public async Task NextPageElsewhere_IsNotFollowed()
    {
        await using FakeServer other = await FakeServer.StartAsync(context => context.Response.WriteAsync("{}"));
        _docker.Intercept = context => AnswerAsync(context, $$"""{"next":"{{other.Address}}v2/","results":[]}""");
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => SearchAsync(string.Empty, SearchSource.DockerHub));
        Assert.Equal(RegistryErrorKind.Refused, exception.Kind);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task ListWithoutEnd_IsAnError()
    {
        _docker.Intercept = context => AnswerAsync(context, """{"next":"?page=3","results":[]}""");
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => SearchAsync(string.Empty, SearchSource.DockerHub));
        Assert.Equal(RegistryErrorKind.Invalid, exception.Kind);
        Assert.Contains("more than 20 pages", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("")]
    [InlineData("[1]")]
    public async Task BrokenAnswer_IsAnError(string answer)
    {
        _docker.Intercept = _hub.Intercept = context => AnswerAsync(context, answer);
        Assert.Equal(RegistryErrorKind.Invalid, (await Assert.ThrowsAsync<RegistryException>(() => SearchAsync(string.Empty, SearchSource.DockerHub))).Kind);
        Assert.Equal(RegistryErrorKind.Invalid, (await Assert.ThrowsAsync<RegistryException>(() => SearchAsync(string.Empty, SearchSource.HuggingFace))).Kind);
    }

    [Theory]
    [InlineData("{}", "[]")]
    [InlineData("null", "null")]
    [InlineData("{\"results\":[null,{},{\"name\":\"../x\"}],\"next\":\"\"}", "[null,{},{\"id\":\"../x\"}]")]
    public async Task EntriesThatMakeNoSense_AreLeftOut(string docker, string hub)
    {
        _docker.Intercept = context => AnswerAsync(context, docker);
        _hub.Intercept = context => AnswerAsync(context, hub);
        ModelSearchResult result = await SearchAsync(string.Empty);
        Assert.Empty(result.Models);
        Assert.Empty(result.Warnings);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task LimitOutOfRange_IsRefused(int limit) => await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => SearchAsync(string.Empty, limit: limit));

    private static Task<bool> FailAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.FromResult(true);
    }

    private static async Task<bool> AnswerAsync(HttpContext context, string answer)
    {
        await context.Response.WriteAsync(answer);
        return true;
    }

    private Task<ModelSearchResult> SearchAsync(string term, SearchSource source = SearchSource.All, int limit = 32, Func<RegistryOptions, RegistryOptions>? change = null)
    {
        RegistryOptions options = new() { HuggingFace = _hub.Address, DockerHubSearch = _docker.Address, Retries = 1, RetryDelay = TimeSpan.FromMilliseconds(1) };
        return ModelSearch.SearchAsync(term, source, limit, change?.Invoke(options) ?? options, TestContext.Current.CancellationToken);
    }
}
