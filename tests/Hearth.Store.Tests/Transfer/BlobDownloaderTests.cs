using System.Text;
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
    private const int Piece = 100_000;
    private static readonly RegistryOptions s_options = new() { RetryDelay = TimeSpan.FromMilliseconds(1), Retries = 2, PieceBytes = Piece, StallTimeout = TimeSpan.FromSeconds(60) };
    private static readonly byte[] s_content = FakeModel.Content(Size);
    private static readonly Digest s_digest = Digest.Of(s_content);
    private readonly TemporaryFolder _folder = new();
    private readonly StoreFiles _files = new();
    private readonly BlobStore _blobs;
    private readonly BlobDownloader _downloader;

    public BlobDownloaderTests()
    {
        _blobs = new BlobStore(_folder.Path, _files);
        _downloader = new BlobDownloader(_blobs, _files);
    }

    private string PartialPath => Path.Combine(_blobs.PartialFolder, s_digest.Hex);

    private string JournalPath => PartialPath + ".journal";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Content_IsFetchedInRangesAndStored()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        Assert.Equal(Size, await DownloadAsync(registry));
        AssertStored();
        Assert.Equal(11, registry.Requests.Count);
        Assert.All(registry.Requests, request => Assert.NotNull(request.Range));
    }

    [Fact]
    public async Task SmallContent_IsFetchedWithoutARange()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        await DownloadAsync(registry, s_options with { PieceBytes = Size });
        AssertStored();
        Assert.Null(Assert.Single(registry.Requests).Range);
    }

    [Fact]
    public async Task EmptyContent_IsStoredWithoutARequest()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        Digest empty = registry.Add([]);
        await DownloadAsync(registry, digest: empty, size: 0);
        Assert.True(_blobs.Contains(empty));
        Assert.Empty(registry.Requests);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(50)]
    [InlineData(60)]
    [InlineData(70)]
    [InlineData(80)]
    [InlineData(90)]
    public async Task AnswerThatIsCut_GoesOnFromThere(int percent)
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault { CutAfter = Size / 100 * percent, Cuts = 1 });
        await DownloadAsync(registry, s_options with { PieceBytes = Size });
        AssertStored();
        Assert.Equal(2, registry.Requests.Count);
        Assert.InRange(registry.SentBytes, Size, Size + 100_000);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(20_000, false)]
    [InlineData(20_000, true)]
    public async Task AnswersThatAreAlwaysCut_AreTriedAsLongAsThereIsProgress(int bytes, bool isChunked)
    {
        byte[] content = s_content[..(bytes * 50)];
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        Digest digest = registry.Add(content);
        registry.Fault = new BlobFault { CutAfter = bytes, IsChunked = isChunked };
        await DownloadAsync(registry, digest: digest, size: content.Length);
        Assert.Equal(content, _blobs.ReadAll(digest, Size));
        Assert.True(registry.Requests.Count >= 50);
    }

    [Fact]
    public async Task AnswersWithoutABody_AreGivenUp()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault { CutAfter = 0 });
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => DownloadAsync(registry, s_options with { ConnectionsPerLayer = 1 }));
        Assert.Equal(3, registry.Requests.Count);
        Assert.NotEqual(RegistryErrorKind.Refused, exception.Kind);
        AssertNotStored();
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task ServerWithoutRanges_IsReadAsOneStream(bool ignores, bool refuses)
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault { IgnoresRanges = ignores, RefusesRanges = refuses });
        await DownloadAsync(registry);
        AssertStored();
        Assert.Equal(Size, registry.SentBytes);
    }

    [Fact]
    public async Task ServerWithoutRanges_IsReadFromTheStartAgain_WhenItIsCut()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault { IgnoresRanges = true, CutAfter = Size / 2, Cuts = 1 });
        await DownloadAsync(registry);
        AssertStored();
        Assert.Equal(2, registry.Requests.Count);
    }

    [Fact]
    public async Task OtherRangeThanAskedFor_IsRefused()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault { SendsOtherRange = true });
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => DownloadAsync(registry));
        Assert.Equal(RegistryErrorKind.Invalid, exception.Kind);
        Assert.Contains("sends the range", exception.Message, StringComparison.Ordinal);
        AssertNotStored();
    }

    [Theory]
    [InlineData(-5, false, "bytes; expected")]
    [InlineData(5, false, "bytes; expected")]
    [InlineData(-5, true, "expected 5")]
    [InlineData(5, true, "more than the")]
    public async Task WrongLength_IsRefused(int extra, bool isChunked, string message)
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault { ExtraBytes = extra, IsChunked = isChunked });
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => DownloadAsync(registry, s_options with { PieceBytes = Size }));
        Assert.Equal(RegistryErrorKind.Invalid, exception.Kind);
        Assert.True(exception.Message.Contains(message, StringComparison.Ordinal), exception.Message);
        AssertNotStored();
    }

    [Fact]
    public async Task WrongBytes_AreRefusedAndNotKept()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault { IsCorrupt = true });
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => DownloadAsync(registry));
        Assert.Equal(RegistryErrorKind.Invalid, exception.Kind);
        Assert.Contains(s_digest.ToString(), exception.Message, StringComparison.Ordinal);
        Assert.Equal(Size, registry.SentBytes);
        AssertNotStored();
        Assert.Empty(Directory.EnumerateFiles(_blobs.PartialFolder));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(333_333)]
    [InlineData(Size - 1)]
    [InlineData(Size)]
    public async Task WhatAnEarlierProgramHasLeft_IsNotFetchedAgain(int left)
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        Leave(s_content[..left], [0, left]);
        Assert.Equal(Size - left, await DownloadAsync(registry));
        AssertStored();
        Assert.Equal(Size - left, registry.SentBytes);
    }

    [Fact]
    public async Task RangesWithGapsThatAnEarlierProgramHasLeft_AreNotFetchedAgain()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        byte[] left = s_content[..500_000];
        Array.Clear(left, 100_000, 50_000);
        Leave(left, [0, 100_000, 150_000, 500_000]);
        Assert.Equal(Size - 450_000, await DownloadAsync(registry));
        AssertStored();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"size\":1000003,\"ran")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1,2]")]
    [InlineData("{\"size\":1000003,\"ranges\":[0]}")]
    [InlineData("{\"size\":7,\"ranges\":[0,500000]}")]
    [InlineData("{\"size\":1000003,\"ranges\":[500000,0]}")]
    [InlineData("\u0000\u0001\u0002 garbage")]
    public async Task BrokenJournal_CountsAsNothing(string journal)
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        Leave(new byte[600_000], null);
        await File.WriteAllTextAsync(JournalPath, journal, TestContext.Current.CancellationToken);
        Assert.Equal(Size, await DownloadAsync(registry));
        AssertStored();
    }

    [Theory]
    [InlineData("{\"size\":1000003,\"ranges\":[-5,9223372036854775807]}")]
    [InlineData("{\"size\":1000003,\"ranges\":[0,1000003]}")]
    public async Task JournalThatSaysTooMuch_IsHeldAgainstTheFile(string journal)
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        Leave(s_content[..600_000], null);
        await File.WriteAllTextAsync(JournalPath, journal, TestContext.Current.CancellationToken);
        Assert.Equal(Size - 600_000, await DownloadAsync(registry));
        AssertStored();
    }

    [Fact]
    public async Task BrokenRest_IsFetchedFromTheStartOnce()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        byte[] left = s_content[..600_000];
        left[300_000] ^= 1;
        Leave(left, [0, 600_000]);
        List<BlobProgress> reports = [];
        Assert.Equal(Size - 600_000 + Size, await DownloadAsync(registry, report: reports.Add));
        AssertStored();
        Assert.Contains(reports, report => report.Stage == TransferStage.Retrying);
    }

    [Fact]
    public async Task FileThatIsTooLong_IsCut()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        Leave([.. s_content, 1, 2, 3], [0, 500_000]);
        await DownloadAsync(registry);
        AssertStored();
    }

    [Fact]
    public async Task Cancellation_KeepsWhatHasCome()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        using CancellationTokenSource cancel = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DownloadAsync(
            registry,
            s_options with { ConnectionsPerLayer = 1 },
            report: state =>
            {
                if (state.Done >= 350_000)
                {
                    cancel.Cancel();
                }
            },
            cancellationToken: cancel.Token));
        AssertNotStored();
        Assert.InRange(_downloader.Measure(s_digest, Size), 350_000, Size - 1);
        long there = _downloader.Measure(s_digest, Size);
        Assert.Equal(Size - there, await DownloadAsync(registry));
        AssertStored();
    }

    [Fact]
    public async Task SilentConnection_IsGivenUpAndTriedAgain()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        int requests = 0;
        registry.Intercept = async context =>
        {
            if (Interlocked.Increment(ref requests) > 1)
            {
                return false;
            }

            context.Response.ContentLength = Size;
            await registry.SendAsync(context, s_content.AsMemory(0, 100));
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        await DownloadAsync(registry, s_options with { PieceBytes = Size, StallTimeout = TimeSpan.FromMilliseconds(500), Retries = 50 });
        AssertStored();
        Assert.InRange(registry.Requests.Count, 2, 50);
    }

    [Fact]
    public async Task ServerThatFailsThenRecovers_IsTriedAgain()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        int requests = 0;
        registry.Intercept = context =>
        {
            bool fails = Interlocked.Increment(ref requests) <= 2;
            context.Response.StatusCode = fails ? 503 : 200;
            return Task.FromResult(fails);
        };
        await DownloadAsync(registry, s_options with { PieceBytes = Size });
        AssertStored();
        Assert.Equal(3, registry.Requests.Count);
    }

    [Fact]
    public async Task TwoAtOnce_AreOne()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        TaskCompletionSource both = new(TaskCreationOptions.RunContinuationsAsynchronously);
        registry.BeforeBlob = _ => both.Task;
        Task<long> first = DownloadAsync(registry), second = DownloadAsync(registry);
        both.SetResult();
        await Task.WhenAll(first, second);
        AssertStored();
        Assert.Equal(Size, registry.SentBytes);
    }

    [Fact]
    public async Task OneOfTwoThatLeaves_DoesNotStopTheOther()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        registry.BeforeBlob = _ => left.Task;
        using CancellationTokenSource cancel = new();
        Task<long> first = DownloadAsync(registry, cancellationToken: cancel.Token), second = DownloadAsync(registry);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        left.SetResult();
        await second;
        AssertStored();
        Assert.Equal(Size, registry.SentBytes);
    }

    [Fact]
    public async Task LastThatLeaves_StopsItAndFreesTheFile()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        registry.BeforeBlob = async context =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        using CancellationTokenSource cancel = new();
        Task<long> first = DownloadAsync(registry, cancellationToken: cancel.Token), second = DownloadAsync(registry, cancellationToken: cancel.Token);
        await asked.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        using FileStream free = new(PartialPath, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.True(free.CanWrite);
    }

    [Fact]
    public async Task FileThatAnotherProcessHolds_IsWaitedFor_AndNothingIsFetchedWhenThatWasFaster()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        Directory.CreateDirectory(_blobs.PartialFolder);
        TaskCompletionSource waits = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<long> download;
        using (FileStream other = new(PartialPath, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            download = DownloadAsync(registry, report: state => waits.TrySetResult());
            await waits.Task;
            await _blobs.AddAsync(new MemoryStream(s_content), s_digest, cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, await download);
        Assert.Empty(registry.Requests);
        Assert.True(_blobs.Contains(s_digest));
    }

    [Fact]
    public async Task FullDrive_IsAnErrorThatKeepsWhatThereIs()
    {
        await using FakeRegistry registry = await StartAsync(new BlobFault());
        BlobDownloader downloader = new(_blobs, new FullFiles(400_000));
        StoreException exception = await Assert.ThrowsAsync<StoreException>(() => DownloadAsync(registry, s_options with { ConnectionsPerLayer = 1 }, downloader: downloader));
        Assert.Equal(StoreErrorKind.DiskFull, exception.Kind);
        Assert.InRange(_downloader.Measure(s_digest, Size), 300_000, 400_000);
        await DownloadAsync(registry);
        AssertStored();
    }

    private static async Task<FakeRegistry> StartAsync(BlobFault fault)
    {
        FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Add(s_content);
        registry.Fault = fault;
        return registry;
    }

    private void Leave(byte[] partial, long[]? ranges)
    {
        Directory.CreateDirectory(_blobs.PartialFolder);
        File.WriteAllBytes(PartialPath, partial);
        if (ranges is not null)
        {
            File.WriteAllBytes(JournalPath, Encoding.UTF8.GetBytes($"{{\"size\":{Size},\"ranges\":[{string.Join(',', ranges)}]}}"));
        }
    }

    private void AssertStored()
    {
        Assert.Equal(s_content, _blobs.ReadAll(s_digest, Size));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_blobs.PartialFolder));
    }

    private void AssertNotStored() => Assert.False(_blobs.Contains(s_digest));

    private async Task<long> DownloadAsync(
        FakeRegistry registry, RegistryOptions? options = null, Digest? digest = null, int size = Size, Action<BlobProgress>? report = null, BlobDownloader? downloader = null, CancellationToken? cancellationToken = null)
    {
        RegistryHttp http = new(registry.Address, options ?? s_options, insecure: false, TimeProvider.System);
        BlobSource source = new(http, new Uri(registry.Address, $"/v2/ai/x/blobs/{digest ?? s_digest}"), null);
        return await (downloader ?? _downloader).DownloadAsync(digest ?? s_digest, size, source, report ?? (_ => { }), cancellationToken ?? TestContext.Current.CancellationToken);
    }

    /// <summary>A drive with so much room for one download.</summary>
    private sealed class FullFiles(long room) : StoreFiles
    {
        public override void Write(Microsoft.Win32.SafeHandles.SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
        {
            if (offset + bytes.Length > room)
            {
                throw new IOException("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28);
            }

            base.Write(file, bytes, offset);
        }
    }
}
