using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Tests.Storage;

public sealed class MoveTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Move_TakesEverythingAndTheDefaultFolderWithIt()
    {
        using TestStore test = new();
        test.Add("x", "a");
        StoredModel untagged = test.Add(null, "b");
        string home = Path.Combine(test.Root, "home");
        string target = Path.Combine(test.Root, "elsewhere", "models");
        Directory.CreateDirectory(Path.Combine(test.Folder, "partial", "sha256"));
        File.WriteAllText(Path.Combine(test.Folder, "partial", "sha256", Digest.Of([]).Hex), "half");
        List<(long Done, long Total)> steps = [];

        ModelStore moved = await test.Store.MoveAsync(target, new Recorder(steps), Cancellation);
        Assert.Equal(target, moved.Folder);
        Assert.Equal(["x", $"<none> {untagged.Id.Abbreviated}"], TestStore.Names(moved));
        await TestStore.AssertSoundAsync(moved);
        Assert.Equal(target, StoreLocation.Models(home));
        Assert.Equal(4, moved.MeasureUsage().PartialBytes);
        Assert.Equal(steps[^1].Total, steps[^1].Done);

        Assert.Equal(["layout.json", "store.lock"], Directory.GetFileSystemEntries(test.Folder).Select(Path.GetFileName).Order());
        StoreException exception = Assert.Throws<StoreException>(() => test.Store.List());
        Assert.Contains(target, exception.Message, StringComparison.Ordinal);
        Assert.Throws<StoreException>(() => test.Add("y", "c"));

        ModelStore back = await moved.MoveAsync(test.Folder, cancellationToken: Cancellation);
        Assert.Equal(2, back.List().Count);
        await TestStore.AssertSoundAsync(back);
        Assert.Equal(test.Folder, StoreLocation.Models(home));
        TestStore.Add(test.Store, "y", "c");
    }

    [Fact]
    public async Task Move_LeavesTheDefaultFolder_WhenTheStoreIsAnother()
    {
        using TestStore test = new();
        ModelStore other = test.Reopen(folder: Path.Combine(test.Root, "other"));
        TestStore.Add(other, "x", "a");
        await other.MoveAsync(Path.Combine(test.Root, "target"), cancellationToken: Cancellation);
        Assert.Equal(test.Folder, StoreLocation.Models(Path.Combine(test.Root, "home")));
    }

    [Theory]
    [InlineData("full")]
    [InlineData("file")]
    [InlineData("home/models/inside")]
    [InlineData("home")]
    [InlineData("home/models")]
    [InlineData("store")]
    public async Task Move_Refuses_WhenTheTargetIsInUse(string target)
    {
        using TestStore test = new();
        test.Add("x", "a");
        Directory.CreateDirectory(Path.Combine(test.Root, "full"));
        File.WriteAllText(Path.Combine(test.Root, "full", "something"), "else");
        File.WriteAllText(Path.Combine(test.Root, "file"), "something");
        TestStore.Add(test.Reopen(folder: Path.Combine(test.Root, "store")), "other", "b");
        string[] before = Directory.GetFileSystemEntries(test.Root, "*", SearchOption.AllDirectories);
        StoreException exception = await Assert.ThrowsAsync<StoreException>(() => test.Store.MoveAsync(Path.Combine(test.Root, target), cancellationToken: Cancellation));
        Assert.Equal(StoreErrorKind.Unusable, exception.Kind);
        Assert.Equal(before.Order(), Directory.GetFileSystemEntries(test.Root, "*", SearchOption.AllDirectories).Order());
        Assert.Equal(["x"], TestStore.Names(test.Store));
    }

    [Fact]
    public async Task Move_Refuses_WhenThereIsTooLittleRoom()
    {
        using TestStore test = new();
        test.Add("x", "weights");
        ModelStore store = test.Reopen(new FullDrive());
        string target = Path.Combine(test.Root, "target");
        StoreException exception = await Assert.ThrowsAsync<StoreException>(() => store.MoveAsync(target, cancellationToken: Cancellation));
        Assert.Equal(StoreErrorKind.DiskFull, exception.Kind);
        Assert.Contains("5 bytes are free", exception.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(target));
        await TestStore.AssertSoundAsync(test.Store);
    }

    [Fact]
    public async Task Move_Waits_WhileAnotherAdds()
    {
        using TestStore test = new();
        test.Add("x", "a");
        using StoreLock adding = test.Store.BeginAdding();
        ModelStore store = test.Reopen(patience: TimeSpan.FromMilliseconds(50));
        Assert.Equal(StoreErrorKind.Locked, (await Assert.ThrowsAsync<StoreException>(() => store.MoveAsync(Path.Combine(test.Root, "target"), cancellationToken: Cancellation))).Kind);
    }

    [Fact]
    public async Task Move_LeavesEverything_WhenItIsCancelled()
    {
        using TestStore test = new();
        test.Add("x", "a", "b", "c");
        string target = Path.Combine(test.Root, "target");
        using CancellationTokenSource cancellation = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Store.MoveAsync(target, new Canceller(cancellation), cancellation.Token));
        Assert.False(Directory.Exists(target));
        Assert.Equal(["x"], TestStore.Names(test.Store));
        await TestStore.AssertSoundAsync(test.Store);
        await TestStore.AssertSoundAsync(await test.Store.MoveAsync(target, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Move_LeavesEverything_WhenAContentIsBroken()
    {
        using TestStore test = new();
        test.Add("x", "a");
        File.WriteAllText(test.BlobPath("a"), "b");
        string target = Path.Combine(test.Root, "target");
        StoreException exception = await Assert.ThrowsAsync<StoreException>(() => test.Store.MoveAsync(target, cancellationToken: Cancellation));
        Assert.Equal(StoreErrorKind.Corrupt, exception.Kind);
        Assert.False(Directory.Exists(target));
        Assert.Equal(["x"], TestStore.Names(test.Store));
    }

    private sealed class FullDrive : StoreFiles
    {
        public override long FreeBytes(string path) => 5;
    }

    private sealed class Canceller(CancellationTokenSource cancellation) : IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value) => cancellation.Cancel();
    }

    private sealed class Recorder(List<(long, long)> steps) : IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value) => steps.Add(value);
    }
}
