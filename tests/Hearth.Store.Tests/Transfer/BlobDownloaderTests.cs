using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Registries.Http;
using Hearth.Store.Storage;
using Hearth.Store.Tests.Fakes;
using Hearth.Store.Transfer;

namespace Hearth.Store.Tests.Transfer;

public sealed class BlobDownloaderTests : IDisposable
{
    private const int Size = 1_000_003;
    private static readonly RegistryOptions s_options = new() { RetryDelay = TimeSpan.FromMilliseconds(1), Retries = 2, PieceBytes = 100_000, StallTimeout = TimeSpan.FromSeconds(20) };
    private readonly TemporaryFolder _folder = new();
    private readonly StoreFiles _files = new();
    private readonly BlobStore _blobs;
    private readonly BlobDownloader _downloader;

    public BlobDownloaderTests()
    {
        _blobs = new BlobStore(_folder.Path, _files);
        _downloader = new BlobDownloader(_blobs, _files);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Content_IsFetchedInRangesAndStored()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        byte[] content = FakeModel.Content(Size);
        Digest digest = registry.Add(content);
        long received = await DownloadAsync(registry, digest);
        Assert.Equal(content, _blobs.ReadAll(digest, Size));
        Assert.Equal(Size, received);
        Assert.Equal(11, registry.Requests.Count);
        Assert.All(registry.Requests, request => Assert.NotNull(request.Range));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_blobs.PartialFolder));
    }

    private async Task<long> DownloadAsync(FakeRegistry registry, Digest digest, RegistryOptions? options = null, int size = Size, Action<BlobProgress>? report = null)
    {
        using RegistryHttp http = new(registry.Address, options ?? s_options, insecure: false, TimeProvider.System);
        BlobSource source = new(http, new Uri(registry.Address, $"/v2/ai/x/blobs/{digest}"), null);
        return await _downloader.DownloadAsync(digest, size, source, report ?? (_ => { }), TestContext.Current.CancellationToken);
    }
}
