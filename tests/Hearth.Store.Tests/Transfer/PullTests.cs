using System.Text;
using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Storage;
using Hearth.Store.Tests.Fakes;
using Hearth.Store.Tests.Storage;
using Hearth.Store.Transfer;

namespace Hearth.Store.Tests.Transfer;

public sealed class PullTests : IDisposable
{
    private readonly FakeStore _store = new();
    private readonly byte[] _weights = FakeModel.Content(200_000);

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Model_IsFetchedAndNamed()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        Digest id = registry.AddModel("team/model", "v1", _weights);
        PullResult result = await _store.PullAsync($"{registry.Host}/team/model:v1");
        Assert.False(result.WasCached);
        Assert.Equal(id, result.Model.Id);
        Assert.Equal(_weights.Length + FakeModel.Config(_weights).Length, result.DownloadedBytes);
        Assert.Equal(_weights, Assert.Single(_store.Weights($"{registry.Host}/team/model:v1")));
        Assert.Equal($"{registry.Host}/team/model:v1", Assert.Single(_store.Store.Get(id.ToString()).References).ToString());
        IReadOnlyList<TransferProgress> reports = _store.Progress.All;
        Assert.Equal(TransferStage.Preparing, reports[0].Stage);
        Assert.Contains(reports, report => report.Stage == TransferStage.LayerDone && report.Layer == Digest.Of(_weights) && report.LayerDone == _weights.Length);
        Assert.All(reports.Where(report => report.Layer is not null), report => Assert.InRange(report.LayerDone, 0, report.LayerSize));
    }

    [Fact]
    public async Task SecondPull_AsksForTheManifestOnly()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.AddModel("team/model", "v1", _weights);
        await _store.PullAsync($"{registry.Host}/team/model:v1");
        int blobs = registry.Count("GET", "/blobs/");
        PullResult result = await _store.PullAsync($"{registry.Host}/team/model:v1");
        Assert.True(result.WasCached);
        Assert.Equal(0, result.DownloadedBytes);
        Assert.Equal(blobs, registry.Count("GET", "/blobs/"));
        Assert.Equal(2, registry.Count("GET", "/manifests/"));
    }

    [Fact]
    public async Task TagThatHasMoved_IsPulledAgain_AndWhatBothShareIsNot()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        byte[] other = FakeModel.Content(1000, seed: 2);
        registry.AddModel("team/model", "v1", _weights);
        Digest first = (await _store.PullAsync($"{registry.Host}/team/model:v1")).Model.Id;
        registry.AddModel("team/model", "v1", _weights, other);
        PullResult result = await _store.PullAsync($"{registry.Host}/team/model:v1");
        Assert.NotEqual(first, result.Model.Id);
        Assert.Equal(1, registry.Count("GET", $"/blobs/{Digest.Of(_weights)}"));
        Assert.Contains(_store.Progress.All, report => report.Stage == TransferStage.LayerCached && report.Layer == Digest.Of(_weights));
    }

    [Fact]
    public async Task DigestReference_IsHeldAgainstTheManifest()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        Digest id = registry.AddModel("team/model", "v1", _weights);
        Assert.Equal(id, (await _store.PullAsync($"{registry.Host}/team/model@{id}")).Model.Id);
        byte[] other = FakeModel.Manifest(MediaTypes.DockerConfig, FakeModel.Config(), FakeModel.Content(5));
        Digest wanted = Digest.Of([1]);
        registry.AddManifest("team/model", wanted.ToString(), other, MediaTypes.OciManifest);
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => _store.PullAsync($"{registry.Host}/team/model@{wanted}"));
        Assert.Equal(RegistryErrorKind.Invalid, exception.Kind);
        Assert.Contains(wanted.ToString(), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ollama_IsPulledFromItsRegistry()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        using FakeStore store = new(options => options with { Ollama = registry.Address });
        byte[] config = """{"model_format":"gguf","model_family":"llama"}"""u8.ToArray();
        registry.Add(config);
        registry.Add(_weights);
        JsonObject manifest = JsonNode.Parse(FakeModel.Manifest(MediaTypes.OllamaConfig, config, _weights))!.AsObject();
        manifest["mediaType"] = MediaTypes.DockerManifest;
        manifest["layers"]![0]!["mediaType"] = MediaTypes.OllamaLayer + "model";
        registry.AddManifest("library/tiny", "latest", Encoding.UTF8.GetBytes(manifest.ToJsonString()), MediaTypes.DockerManifest);
        PullResult result = await store.PullAsync("ollama.com/library/tiny");
        Assert.Equal(PackageFormat.Ollama, result.Model.Facts.Package);
        Assert.Equal(_weights, Assert.Single(store.Weights("ollama.com/library/tiny")));
    }

    [Fact]
    public async Task MissingModel_IsNotFound()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => _store.PullAsync($"{registry.Host}/team/none"));
        Assert.Equal(RegistryErrorKind.NotFound, exception.Kind);
        Assert.Contains("MANIFEST_UNKNOWN", exception.Message, StringComparison.Ordinal);
        Assert.Single(registry.Requests);
    }

    [Theory]
    [InlineData("application/vnd.oci.image.config.v1+json")]
    [InlineData("application/vnd.docker.container.image.v1+json")]
    [InlineData("application/vnd.cncf.helm.config.v1+json")]
    [InlineData("application/vnd.docker.ai.model.config.v9.9+json")]
    public async Task ArtifactThatIsNoModel_IsRefusedBeforeAnyLayer(string configType)
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        byte[] config = FakeModel.Config(_weights);
        registry.AddManifest("team/image", "v1", FakeModel.Manifest(configType, config, _weights), MediaTypes.OciManifest);
        ManifestException exception = await Assert.ThrowsAsync<ManifestException>(() => _store.PullAsync($"{registry.Host}/team/image:v1"));
        Assert.True(exception.IsUnsupported);
        Assert.Equal(0, registry.Count("GET", "/blobs/"));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../x")]
    public async Task LayerPathThatLeadsOut_IsRefusedBeforeAnyLayer(string path)
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.AddManifest("team/model", "v1", FakeModel.Manifest(MediaTypes.DockerFilesConfig, FakeModel.Config(_weights), path, _weights), MediaTypes.OciManifest);
        await Assert.ThrowsAsync<ManifestException>(() => _store.PullAsync($"{registry.Host}/team/model:v1"));
        Assert.Equal(0, registry.Count("GET", "/blobs/"));
    }

    [Fact]
    public async Task BrokenConfig_IsRefusedBeforeAnyLayer()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.AddModelWithConfig("team/model", "v1", "{ broken"u8.ToArray(), _weights);
        await Assert.ThrowsAsync<ManifestException>(() => _store.PullAsync($"{registry.Host}/team/model:v1"));
        Assert.Equal(1, registry.Count("GET", "/blobs/"));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"schemaVersion\":1,\"layers\":[]}")]
    [InlineData("{\"schemaVersion\":2,\"layers\":[],\"config\":{\"mediaType\":\"x\",\"size\":-1,\"digest\":\"sha256:0\"}}")]
    public async Task BrokenManifest_IsAnErrorOfItsOwn(string manifest)
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.AddManifest("team/model", "v1", Encoding.UTF8.GetBytes(manifest), MediaTypes.OciManifest);
        await Assert.ThrowsAsync<ManifestException>(() => _store.PullAsync($"{registry.Host}/team/model:v1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ManifestOf100Megabytes_IsNotRead(bool tellsLength)
    {
        const int Length = 100_000_000;
        const int MoreThanMayBe = 8_000_000;
        byte[] part = new byte[64 * 1024];
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Intercept = async context =>
        {
            context.Response.ContentLength = tellsLength ? Length : null;
            for (int sent = 0; sent < MoreThanMayBe && !context.RequestAborted.IsCancellationRequested; sent += part.Length)
            {
                await registry.SendAsync(context, part);
            }

            // Who wants the rest waits until the connection counts as stalled.
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => _store.PullAsync($"{registry.Host}/team/model:v1"));
        Assert.Equal(RegistryErrorKind.Invalid, exception.Kind);
        Assert.Contains("at most 4194304 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SizesThatNoDriveHas_AreRefusedWithNumbers()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        JsonObject manifest = JsonNode.Parse(FakeModel.Manifest(MediaTypes.DockerConfig, FakeModel.Config(_weights), _weights))!.AsObject();
        manifest["layers"]![0]!["size"] = 8_000_000_000_000_000_000;
        registry.AddManifest("team/model", "v1", Encoding.UTF8.GetBytes(manifest.ToJsonString()), MediaTypes.OciManifest);
        StoreException exception = await Assert.ThrowsAsync<StoreException>(() => _store.PullAsync($"{registry.Host}/team/model:v1"));
        Assert.Equal(StoreErrorKind.DiskFull, exception.Kind);
        Assert.Contains("8,000,000,000,000,000,", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, registry.Count("GET", "/blobs/"));
    }

    [Fact]
    public async Task Index_GivesTheOnlyModelInIt()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        Digest model = registry.AddModel("team/model", "inner", _weights);
        Digest image = registry.AddManifest("team/model", "image", FakeModel.Manifest("application/vnd.oci.image.config.v1+json", FakeModel.Config(), FakeModel.Content(5)), MediaTypes.OciManifest);
        Digest index = registry.AddManifest("team/model", "v1", Index(image, model), MediaTypes.OciIndex);
        PullResult result = await _store.PullAsync($"{registry.Host}/team/model:v1");
        Assert.Equal(model, result.Model.Id);
        Assert.Equal(model, (await _store.PullAsync($"{registry.Host}/team/model@{index}")).Model.Id);
    }

    [Fact]
    public async Task IndexOfNoModelOrOfTwo_IsAnErrorThatSaysSo()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        Digest first = registry.AddModel("team/model", "a", _weights);
        Digest second = registry.AddModel("team/model", "b", FakeModel.Content(7));
        registry.AddManifest("team/model", "two", Index(first, second), MediaTypes.OciIndex);
        registry.AddManifest("team/model", "none", Index(), MediaTypes.OciIndex);
        ManifestException two = await Assert.ThrowsAsync<ManifestException>(() => _store.PullAsync($"{registry.Host}/team/model:two"));
        Assert.Contains($"@{second}", two.Message, StringComparison.Ordinal);
        Assert.True((await Assert.ThrowsAsync<ManifestException>(() => _store.PullAsync($"{registry.Host}/team/model:none"))).IsUnsupported);
    }

    [Fact]
    public async Task TwoPullsAtOnce_FetchEachContentOnce()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.AddModel("team/model", "v1", _weights);
        TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        registry.BeforeBlob = _ => open.Task;
        Task<PullResult> first = _store.PullAsync($"{registry.Host}/team/model:v1"), second = _store.PullAsync($"{registry.Host}/team/model:v1");
        open.SetResult();
        await Task.WhenAll(first, second);
        Assert.Equal(1, registry.Count("GET", $"/blobs/{Digest.Of(_weights)}"));
    }

    [Fact]
    public async Task Mirrors_AreAskedBeforeDockerHub_AndWhatTheyLackComesFromIt()
    {
        await using FakeRegistry mirror = await FakeRegistry.StartAsync(), hub = await FakeRegistry.StartAsync();
        using FakeStore store = new(options => options with { DockerHub = hub.Address, Mirrors = [mirror.Host] });
        hub.AddModel("ai/both", "latest", _weights);
        mirror.AddModel("ai/both", "latest", _weights);
        hub.AddModel("ai/hub", "latest", FakeModel.Content(100, seed: 3));
        await store.PullAsync("both");
        Assert.Empty(hub.Requests);
        await store.PullAsync("hub");
        Assert.Equal(3, hub.Requests.Count);
        Assert.Equal("docker.io/ai/hub:latest", store.Store.Get("hub").References[0].ToString());
    }

    [Fact]
    public async Task ContentThatAMirrorLacks_ComesFromDockerHub()
    {
        await using FakeRegistry mirror = await FakeRegistry.StartAsync(), hub = await FakeRegistry.StartAsync();
        using FakeStore store = new(options => options with { DockerHub = hub.Address, Mirrors = [mirror.Host] });
        hub.AddModel("ai/model", "latest", _weights);
        mirror.AddManifest("ai/model", "latest", hub.Manifest("ai/model", "latest")!, MediaTypes.OciManifest);
        await store.PullAsync("model");
        Assert.Equal(_weights, Assert.Single(store.Weights("model")));
        Assert.Equal(0, hub.Count("GET", "/manifests/"));
    }

    [Fact]
    public async Task BrokenOffPull_GoesOnInANewStore()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.AddModel("team/model", "v1", _weights);
        registry.Fault = new BlobFault { CutAfter = 150_000 };
        registry.Intercept = context =>
        {
            // The rest is not to be had at first.
            bool isRest = context.Request.Headers.Range.Count > 0;
            context.Response.StatusCode = isRest ? 503 : 200;
            return Task.FromResult(isRest);
        };
        await Assert.ThrowsAsync<RegistryException>(() => _store.PullAsync($"{registry.Host}/team/model:v1"));
        long sent = registry.SentBytes;
        registry.Intercept = _ => Task.FromResult(false);
        ModelStore again = new(_store.Store.Folder, _store.Store.Options);
        PullResult result = await again.PullAsync(again.ParseReference($"{registry.Host}/team/model:v1"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(50_000, result.DownloadedBytes);
        Assert.Equal(_weights, Assert.Single(_store.Weights($"{registry.Host}/team/model:v1")));
        Assert.InRange(registry.SentBytes - sent, 50_000, 60_000);
    }

    [Fact]
    public async Task PullThatIsKilledAnywhere_GoesOnAndLeavesASoundStore()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        Digest id = registry.AddModel("team/model", "v1", _weights);
        bool hasFailed = true;
        int changes = 1;
        for (; hasFailed; changes++)
        {
            using FakeStore store = new();
            FaultyFiles files = new(changes, forGood: true);
            ModelStore killed = new(store.Store.Folder, store.Store.Options with { Files = files });
            try
            {
                await killed.PullAsync(ModelReference.Parse($"{registry.Host}/team/model:v1"), cancellationToken: TestContext.Current.CancellationToken);
            }
            catch (StoreException)
            {
                Assert.True(files.HasFailed);
            }

            hasFailed = files.HasFailed;
            Assert.Equal(id, (await store.PullAsync($"{registry.Host}/team/model:v1")).Model.Id);
            Assert.Equal(_weights, Assert.Single(store.Weights($"{registry.Host}/team/model:v1")));
            await TestStore.AssertSoundAsync(store.Store);
        }

        Assert.InRange(changes, 15, 200);
    }

    [Fact]
    public async Task InspectRemote_GivesManifestAndConfigOnly()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        Digest id = registry.AddModel("team/model", "v1", _weights);
        (Manifest manifest, byte[] config) = await _store.Store.InspectRemoteAsync(ModelReference.Parse($"{registry.Host}/team/model:v1"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(id, manifest.Digest);
        Assert.Equal(FakeModel.Config(_weights), config);
        Assert.Equal(2, registry.Requests.Count);
        Assert.Empty(_store.Store.List());
    }

    private static byte[] Index(params Digest[] manifests) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = MediaTypes.OciIndex,
        ["manifests"] = new JsonArray([.. manifests.Select(digest => (JsonNode)new JsonObject { ["mediaType"] = MediaTypes.OciManifest, ["digest"] = digest.ToString(), ["size"] = 1 })]),
    }.ToJsonString());
}
