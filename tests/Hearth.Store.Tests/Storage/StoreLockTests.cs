using Hearth.Store.Storage;

namespace Hearth.Store.Tests.Storage;

public sealed class StoreLockTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void Adding_IsForSeveralAtOnce()
    {
        using TestStore test = new();
        using StoreLock one = test.Store.BeginAdding();
        using StoreLock two = test.Reopen(patience: s_short).BeginAdding();
        TestStore.Add(test.Reopen(), "x", "a");
        Assert.Single(test.Store.List());
    }

    [Fact]
    public void Removing_KeepsContents_WhileAnotherAdds()
    {
        using TestStore test = new();
        test.Add("x", "a");
        using (test.Reopen().BeginAdding())
        {
            RemovalResult result = test.Store.Remove("x");
            Assert.True(result.ContentsKept);
            Assert.Empty(result.Deleted);
            Assert.Equal(["x"], result.Untagged.Select(reference => reference.Display));
            Assert.Empty(test.Store.List());
            Assert.True(File.Exists(test.BlobPath("a")));
            Assert.Equal(StoreErrorKind.Locked, Assert.Throws<StoreException>(() => test.Reopen(patience: s_short).Prune(untagged: false)).Kind);
        }

        PruneResult pruned = test.Store.Prune(untagged: false);
        Assert.Equal(2, pruned.Contents);
        Assert.False(File.Exists(test.BlobPath("a")));
    }

    [Fact]
    public void Adding_Waits_WhileAnotherRemoves()
    {
        using TestStore test = new();
        using (StoreLock.TakeAlone(test.Folder, s_short, new StoreFiles()))
        {
            Assert.Equal(StoreErrorKind.Locked, Assert.Throws<StoreException>(() => test.Reopen(patience: s_short).BeginAdding()).Kind);
            Assert.Null(StoreLock.TryTakeAlone(test.Folder, s_short, new StoreFiles()));
        }

        using StoreLock adding = test.Reopen(patience: s_short).BeginAdding();
    }

    [Fact]
    public void Adding_Fails_WhenTheFolderIsAFile()
    {
        using TestStore test = new();
        Directory.CreateDirectory(Path.GetDirectoryName(test.Folder)!);
        File.WriteAllText(test.Folder, "a file");
        Assert.Equal(StoreErrorKind.Unusable, Assert.Throws<StoreException>(() => test.Store.BeginAdding()).Kind);
    }

    [Fact]
    public async Task Stores_OfTheSameFolder_ShareContentsAtOnce()
    {
        using TestStore test = new();
        await Parallel.ForAsync(0, 40, TestContext.Current.CancellationToken, (index, _) =>
        {
            ModelStore store = test.Reopen();
            TestStore.Add(store, $"kept:{index}", "shared", $"own {index}");
            TestStore.Add(store, $"gone:{index}", "shared", $"gone {index}");
            store.Remove($"gone:{index}");
            return ValueTask.CompletedTask;
        });
        Assert.Equal(40, test.Store.List().Count);
        await TestStore.AssertSoundAsync(test.Store);
        test.Store.Prune(untagged: true);
        await TestStore.AssertSoundAsync(test.Store);
        Assert.Equal(40 + 2, test.FilesOf("blobs").Length);
        Assert.Equal(40, test.FilesOf("manifests").Length);
    }
}
