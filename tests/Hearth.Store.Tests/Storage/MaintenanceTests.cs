using System.Text;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Tests.Storage;

public sealed class MaintenanceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verify_ReadsEveryContentOnce()
    {
        using TestStore test = new();
        test.Add("x", "shared", "a");
        test.Add("y", "shared", "b");
        List<(long Done, long Total)> steps = [];
        VerificationResult result = await test.Store.VerifyAsync(progress: new Recorder(steps), cancellationToken: Cancellation);
        Assert.Empty(result.Problems);
        Assert.Equal(2, result.Models);
        Assert.Equal(4, result.Contents);
        Assert.Equal(test.FilesOf("blobs").Sum(path => new FileInfo(path).Length), result.Bytes);
        Assert.Equal((result.Bytes, result.Bytes), steps[^1]);
        Assert.Equal(steps.Order(), steps);
    }

    [Fact]
    public async Task Verify_TellsWhatIsBroken_AndRepairRemovesIt()
    {
        using TestStore test = new();
        test.Add("good", "shared", "good weights");
        test.Add("missing", "shared", "missing weights");
        test.Add("cut", "shared", "cut weights");
        StoredModel changed = test.Add("changed", "shared", "changed weights");
        File.Delete(test.BlobPath("missing weights"));
        File.WriteAllText(test.BlobPath("cut weights"), "cut");
        File.WriteAllText(test.BlobPath("changed weights"), "CHANGED WEIGHTS");

        VerificationResult result = await test.Store.VerifyAsync(cancellationToken: Cancellation);
        Assert.Equal(["changed", "cut", "missing"], result.Problems.Select(problem => Assert.Single(problem.Models)).Order());
        Assert.Contains(result.Problems, problem => problem.Problem.Contains("3 bytes instead of 11", StringComparison.Ordinal));
        Assert.True(File.Exists(test.BlobPath("changed weights")));

        await test.Store.VerifyAsync(repair: true, cancellationToken: Cancellation);
        Assert.False(File.Exists(test.BlobPath("cut weights")));
        Assert.False(File.Exists(test.BlobPath("changed weights")));
        Assert.True(File.Exists(test.BlobPath("good weights")));
        Assert.Equal(4, test.Store.List().Count);
        Assert.Equal(StoreErrorKind.Missing, Assert.Throws<StoreException>(() => test.Store.Open(changed)).Kind);

        test.Add("missing", "shared", "missing weights");
        test.Add("cut", "shared", "cut weights");
        test.Add("changed", "shared", "changed weights");
        await TestStore.AssertSoundAsync(test.Store);
    }

    [Fact]
    public async Task Verify_FindsAContentThatNoModelUses()
    {
        using TestStore test = new();
        test.Add("x", "a");
        BlobStore blobs = new(test.Folder, new StoreFiles());
        Digest digest = blobs.Add("left over"u8);
        File.WriteAllText(test.BlobPath("left over"), "LEFT OVER");
        VerificationProblem problem = Assert.Single((await test.Store.VerifyAsync(repair: true, cancellationToken: Cancellation)).Problems);
        Assert.Equal(digest, problem.Digest);
        Assert.Empty(problem.Models);
        Assert.False(blobs.Contains(digest));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{")]
    [InlineData("""{"schemaVersion":2}""")]
    public async Task Verify_FindsABrokenManifest(string? content)
    {
        using TestStore test = new();
        StoredModel model = test.Add("x", "a");
        string path = Path.Combine(test.Folder, "manifests", "sha256", model.Id.Hex);
        File.Delete(path);
        if (content is not null)
        {
            File.WriteAllText(path, content);
        }

        VerificationProblem problem = Assert.Single((await test.Store.VerifyAsync("x", repair: true, cancellationToken: Cancellation)).Problems);
        Assert.Equal(model.Id, problem.Digest);
        Assert.Equal(["x"], problem.Models);
        Assert.False(File.Exists(path));
        Assert.Equal(["x"], TestStore.Names(test.Store));
        Assert.Throws<StoreException>(() => test.Store.Prune(untagged: false));
        test.Add("x", "a");
        await TestStore.AssertSoundAsync(test.Store);
    }

    [Fact]
    public async Task Verify_TakesOneModel()
    {
        using TestStore test = new();
        test.Add("x", "a");
        test.Add("y", "b");
        File.WriteAllText(test.BlobPath("b"), "c");
        Assert.Empty((await test.Store.VerifyAsync("x", cancellationToken: Cancellation)).Problems);
        Assert.Single((await test.Store.VerifyAsync("y", cancellationToken: Cancellation)).Problems);
        await Assert.ThrowsAsync<ModelNotFoundException>(() => test.Store.VerifyAsync("z", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task LinkedFile_IsUsedAndNeverTouched()
    {
        using TestStore test = new();
        string foreign = Path.Combine(test.Root, "foreign.gguf");
        test.Add("other", "b");
        File.WriteAllText(foreign, "linked weights");
        LinkModel(test, "x", foreign);
        Assert.Equal(foreign, Assert.Single(test.Store.Open(test.Store.Get("x")).Weights));
        await TestStore.AssertSoundAsync(test.Store);
        Assert.Equal(14, test.Store.MeasureUsage().LinkedBytes);

        DateTime written = File.GetLastWriteTimeUtc(foreign);
        File.WriteAllText(foreign, "LINKED WEIGHTS");
        File.SetLastWriteTimeUtc(foreign, written);
        Assert.Single((await test.Store.VerifyAsync(cancellationToken: Cancellation)).Problems);
        File.WriteAllText(foreign, "changed");
        Assert.Equal(["x"], Assert.Single((await test.Store.VerifyAsync(repair: true, cancellationToken: Cancellation)).Problems).Models);
        Assert.Equal("changed", File.ReadAllText(foreign));
        Assert.Empty(test.FilesOf("links"));
        Assert.Equal(StoreErrorKind.Missing, Assert.Throws<StoreException>(() => test.Store.Open(test.Store.Get("x"))).Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"path":"","length":14,"writtenTicks":0}""")]
    [InlineData("""{"path":"/no\u0000where","length":14,"writtenTicks":0}""")]
    public void BrokenLink_IsAMissingContent(string json)
    {
        using TestStore test = new();
        string foreign = Path.Combine(test.Root, "foreign.gguf");
        test.Add("other", "b");
        File.WriteAllText(foreign, "linked weights");
        LinkModel(test, "x", foreign);
        File.WriteAllText(Assert.Single(test.FilesOf("links")), json);
        Assert.Equal(StoreErrorKind.Missing, Assert.Throws<StoreException>(() => test.Store.Open(test.Store.Get("x"))).Kind);
        Assert.Equal(0, test.Store.MeasureUsage().LinkedBytes);
    }

    [Fact]
    public void Remove_RemovesThePointer_AndNotTheFile()
    {
        using TestStore test = new();
        string foreign = Path.Combine(test.Root, "foreign.gguf");
        test.Add("other", "b");
        File.WriteAllText(foreign, "linked weights");
        LinkModel(test, "x", foreign);
        test.Store.Remove("x");
        Assert.Empty(test.FilesOf("links"));
        Assert.True(File.Exists(foreign));
    }

    [Fact]
    public void Prune_RemovesWhatNoModelUses()
    {
        using TestStore test = new();
        test.Add("x", "a");
        StoredModel untagged = test.Add(null, "untagged");
        BlobStore blobs = new(test.Folder, new StoreFiles());
        blobs.Add("unused"u8);
        Directory.CreateDirectory(blobs.PartialFolder);
        string partial = Path.Combine(blobs.PartialFolder, Digest.Of("half"u8).Hex);
        File.WriteAllText(partial, "ha");
        File.WriteAllText(partial + ".state", "{}");
        File.WriteAllText(Path.Combine(blobs.PartialFolder, "0123.tmp"), "temporary");
        File.WriteAllText(Path.Combine(test.Folder, "references", "0123.json.4567.tmp"), "{");

        DiskUsage before = test.Store.MeasureUsage();
        Assert.Equal(2, before.Models);
        Assert.Equal("unused".Length + "untagged".Length, before.UnusedBytes);
        Assert.Equal("ha{}temporary".Length, before.PartialBytes);
        Assert.True(before.FreeBytes > 0);

        PruneResult first = test.Store.Prune(untagged: false);
        Assert.Equal((0, 1, 1), (first.Models.Count, first.Contents, first.PartialDownloads));
        Assert.Equal("unusedha{}temporary{".Length, first.FreedBytes);
        Assert.Equal(2, test.Store.List().Count);

        PruneResult second = test.Store.Prune(untagged: true);
        Assert.Equal(untagged.Id, Assert.Single(second.Models).Id);
        Assert.Equal(1, second.Contents);
        Assert.Equal(["x"], TestStore.Names(test.Store));
        DiskUsage after = test.Store.MeasureUsage();
        Assert.Equal((1, 0L, 0L), (after.Models, after.UnusedBytes, after.PartialBytes));
        Assert.Equal((0, 0), (test.Store.Prune(untagged: true).Contents, test.Store.Prune(untagged: true).PartialDownloads));
    }

    [Fact]
    public void Usage_CountsSharedContentsOnce()
    {
        using TestStore test = new();
        test.Add("x", "shared", "a");
        test.Add("y", "shared", "bc");
        DiskUsage usage = test.Store.MeasureUsage();
        long config = new FileInfo(test.FilesOf("blobs").MaxBy(path => new FileInfo(path).Length)!).Length;
        Assert.Equal(config + "shared".Length + "abc".Length, usage.ModelBytes);
        Assert.Equal(config + "shared".Length, usage.SharedBytes);
        Assert.Equal(0, usage.UnusedBytes);
    }

    private static void LinkModel(TestStore test, string reference, string path)
    {
        using StoreLock adding = test.Store.BeginAdding();
        BlobStore blobs = new(test.Folder, new StoreFiles());
        string linked = File.ReadAllText(path);
        test.Store.Commit(TestStore.BuildManifest(text => Keep(text), linked), ModelReference.Parse(reference));

        Digest Keep(string text)
        {
            if (text != linked)
            {
                return blobs.Add(Encoding.UTF8.GetBytes(text));
            }

            blobs.Link(Digest.Of(Encoding.UTF8.GetBytes(text)), path);
            return Digest.Of(Encoding.UTF8.GetBytes(text));
        }
    }

    private sealed class Recorder(List<(long, long)> steps) : IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value)
        {
            lock (steps)
            {
                steps.Add(value);
            }
        }
    }
}
