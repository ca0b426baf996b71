using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Storage;
using Hearth.Store.Tests.Fakes;
using Hearth.Store.Transfer;

namespace Hearth.Store.Tests.Transfer;

public sealed class PushTests : IDisposable
{
    private const int Chunk = 50_000;
    private readonly FakeStore _store = new(options => options with { ChunkBytes = Chunk });
    private readonly byte[] _weights = FakeModel.Content(220_000);
    private string _name = string.Empty;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Model_IsPushedAsItIs()
    {
        await using FakeRegistry source = await FakeRegistry.StartAsync(), target = await FakeRegistry.StartAsync();
        Digest id = await PullAsync(source);
        await _store.PushAsync(_name, $"{target.Host}/other/name:v2");
        Assert.Equal(source.Manifest("team/model", "latest"), target.Manifest("other/name", "v2"));
        Assert.Equal(id, Digest.Of(target.Manifest("other/name", "v2")!));
        Assert.True(target.Has(Digest.Of(_weights)));
        Assert.Equal(5, target.Count("PATCH", "/blobs/uploads/"));
        Assert.Equal("PUT /v2/other/name/manifests/v2", target.Requests.Last().ToString());
        Assert.Contains(_store.Progress.All, report => report.Stage == TransferStage.LayerDone && report.Layer == Digest.Of(_weights));
    }

    [Fact]
    public async Task WhatIsThere_IsNotSent()
    {
        await using FakeRegistry source = await FakeRegistry.StartAsync(), target = await FakeRegistry.StartAsync();
        await PullAsync(source);
        await _store.PushAsync(_name, $"{target.Host}/other/name:v2");
        int uploads = target.Count("POST", "/uploads/");
        await _store.PushAsync(_name, $"{target.Host}/other/name:v3");
        Assert.Equal(uploads, target.Count("POST", "/uploads/"));
        Assert.NotNull(target.Manifest("other/name", "v3"));
    }

    [Fact]
    public async Task WhatAnotherRepositoryOfTheRegistryHas_IsMounted()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        await PullAsync(registry);
        registry.Intercept = context =>
        {
            // Each repository sees its own contents only.
            bool isHead = context.Request.Method == "HEAD";
            context.Response.StatusCode = isHead ? 404 : 200;
            return Task.FromResult(isHead);
        };
        await _store.PushAsync(_name, $"{registry.Host}/other/name:v2");
        Assert.Equal(0, registry.Count("PATCH", string.Empty) + registry.Count("PUT", "/blobs/"));
        Assert.Contains(registry.Requests, request => request.Query == $"?mount={Uri.EscapeDataString(Digest.Of(_weights).ToString())}&from=team%2Fmodel");
        Assert.NotNull(registry.Manifest("other/name", "v2"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ChunkThatBreaksOff_GoesOnWhereTheRegistryIs(bool hasArrived)
    {
        await using FakeRegistry source = await FakeRegistry.StartAsync(), target = await FakeRegistry.StartAsync();
        await PullAsync(source);
        int chunks = 0;
        target.Intercept = async context =>
        {
            if (context.Request.Method != "PATCH" || Interlocked.Increment(ref chunks) != 3)
            {
                return false;
            }

            if (hasArrived)
            {
                // Only the answer is lost.
                await target.ReceiveAsync(context);
            }

            context.Abort();
            return true;
        };
        await _store.PushAsync(_name, $"{target.Host}/other/name:v2");
        Assert.True(target.Has(Digest.Of(_weights)));
        Assert.Equal(hasArrived ? 5 : 6, chunks);
        Assert.Equal(1, target.Count("GET", "/blobs/uploads/"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LastPartThatBreaksOff_IsNotSentTwice_WhenItHasArrived(bool hasArrived)
    {
        await using FakeRegistry source = await FakeRegistry.StartAsync(), target = await FakeRegistry.StartAsync();
        await PullAsync(source);
        int finishes = 0;
        target.Intercept = async context =>
        {
            if (context.Request.Method != "PUT" || !context.Request.Query["digest"].ToString().Contains(Digest.Of(_weights).Hex, StringComparison.Ordinal) || Interlocked.Increment(ref finishes) > 1)
            {
                return false;
            }

            if (hasArrived)
            {
                await target.ReceiveAsync(context);
                target.ForgetUploads();
            }

            context.Abort();
            return true;
        };
        await _store.PushAsync(_name, $"{target.Host}/other/name:v2");
        Assert.True(target.Has(Digest.Of(_weights)));
        Assert.Equal(hasArrived ? 1 : 2, finishes);
        Assert.Equal(5, target.Count("PATCH", "/blobs/uploads/"));
    }

    [Fact]
    public async Task UploadThatTheRegistryHasLost_BeginsAnew()
    {
        await using FakeRegistry source = await FakeRegistry.StartAsync(), target = await FakeRegistry.StartAsync();
        await PullAsync(source);
        int chunks = 0;
        target.Intercept = context =>
        {
            if (context.Request.Method == "PATCH" && Interlocked.Increment(ref chunks) == 3)
            {
                target.ForgetUploads();
            }

            return Task.FromResult(false);
        };
        await _store.PushAsync(_name, $"{target.Host}/other/name:v2");
        Assert.True(target.Has(Digest.Of(_weights)));
        Assert.Equal(8, chunks);
    }

    [Fact]
    public async Task LeastChunkOfTheRegistry_IsHonoured()
    {
        await using FakeRegistry source = await FakeRegistry.StartAsync(), target = await FakeRegistry.StartAsync();
        await PullAsync(source);
        target.Intercept = context =>
        {
            context.Response.Headers["OCI-Chunk-Min-Length"] = "120000";
            return Task.FromResult(false);
        };
        await _store.PushAsync(_name, $"{target.Host}/other/name:v2");
        Assert.Equal(2, target.Count("PATCH", "/blobs/uploads/"));
        Assert.True(target.Has(Digest.Of(_weights)));
    }

    [Fact]
    public async Task LinkedContent_IsReadFromWhereItIs()
    {
        await using FakeRegistry source = await FakeRegistry.StartAsync(), target = await FakeRegistry.StartAsync();
        await PullAsync(source);
        Digest digest = Digest.Of(_weights);
        BlobStore blobs = new(_store.Store.Folder, new StoreFiles());
        string elsewhere = _store.Folder["elsewhere.gguf"];
        File.Move(blobs.Locate(digest), elsewhere);
        blobs.Link(digest, elsewhere);
        await _store.PushAsync(_name, $"{target.Host}/other/name:v2");
        Assert.True(target.Has(digest));
    }

    [Fact]
    public async Task ContentThatIsMissing_IsToldBeforeAnythingIsSent()
    {
        await using FakeRegistry source = await FakeRegistry.StartAsync(), target = await FakeRegistry.StartAsync();
        await PullAsync(source);
        File.Delete(new BlobStore(_store.Store.Folder, new StoreFiles()).Locate(Digest.Of(_weights)));
        Assert.Equal(StoreErrorKind.Missing, (await Assert.ThrowsAsync<StoreException>(() => _store.PushAsync(_name, $"{target.Host}/other/name:v2"))).Kind);
        Assert.Empty(target.Requests);
    }

    [Fact]
    public async Task RegistryThatFails_IsGivenUp_AndHasNoManifest()
    {
        await using FakeRegistry source = await FakeRegistry.StartAsync(), target = await FakeRegistry.StartAsync();
        await PullAsync(source);
        target.Intercept = context =>
        {
            bool fails = context.Request.Method == "PATCH";
            context.Response.StatusCode = fails ? 500 : 200;
            return Task.FromResult(fails);
        };
        Assert.Equal(RegistryErrorKind.Unavailable, (await Assert.ThrowsAsync<RegistryException>(() => _store.PushAsync(_name, $"{target.Host}/other/name:v2"))).Kind);
        Assert.Equal(3, target.Count("PATCH", "/blobs/uploads/"));
        Assert.Null(target.Manifest("other/name", "v2"));
    }

    [Fact]
    public async Task RegistryThatStoresSomethingElse_IsAnError()
    {
        await using FakeRegistry source = await FakeRegistry.StartAsync(), target = await FakeRegistry.StartAsync();
        await PullAsync(source);
        target.Intercept = context =>
        {
            bool isManifest = context.Request.Path.Value!.Contains("/manifests/", StringComparison.Ordinal);
            if (isManifest)
            {
                context.Response.StatusCode = 201;
                context.Response.Headers["Docker-Content-Digest"] = Digest.Of([1]).ToString();
            }

            return Task.FromResult(isManifest);
        };
        Assert.Equal(RegistryErrorKind.Invalid, (await Assert.ThrowsAsync<RegistryException>(() => _store.PushAsync(_name, $"{target.Host}/other/name:v2"))).Kind);
    }

    [Fact]
    public async Task TargetsThatCannotBePushedTo_AreRefused()
    {
        await using FakeRegistry source = await FakeRegistry.StartAsync();
        await PullAsync(source);
        await Assert.ThrowsAsync<RegistryException>(() => _store.PushAsync(_name, "hf.co/owner/repo"));
        await Assert.ThrowsAsync<RegistryException>(() => _store.PushAsync(_name, $"{source.Host}/other/name@{Digest.Of([1])}"));
    }

    private async Task<Digest> PullAsync(FakeRegistry source)
    {
        source.AddModel("team/model", "latest", _weights);
        StoredModel model = (await _store.PullAsync($"{source.Host}/team/model")).Model;
        _name = model.Id.ToString();
        return model.Id;
    }
}
