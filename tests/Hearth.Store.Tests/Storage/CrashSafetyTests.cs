using System.Text;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Tests.Storage;

/// <summary>Lets each change of files fail in turn, once or with all that follow, and looks at what is left.</summary>
public sealed class CrashSafetyTests
{
    private const string Large = "large weights";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task AddingContent_SurvivesAnyFailure(bool forGood) => SurviveAsync(
        forGood,
        test => test.Add("x", "a"),
        async store =>
        {
            using StoreLock adding = store.BeginAdding();
            await new BlobStore(store.Folder, store.Options.Files).AddAsync(new MemoryStream(Encoding.UTF8.GetBytes(Large)), cancellationToken: Cancellation);
        },
        kept: ["x"],
        after: (test, _) => Assert.Equal(Large, File.ReadAllText(test.BlobPath(Large))));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Committing_SurvivesAnyFailure(bool forGood) => SurviveAsync(
        forGood,
        test => test.Add("x", "a"),
        store => Task.FromResult(TestStore.Add(store, "y", "a", "b")),
        kept: ["x"],
        after: (_, store) => Assert.Equal(["x", "y"], TestStore.Names(store)));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task CommittingTheFirst_SurvivesAnyFailure(bool forGood) => SurviveAsync(
        forGood,
        test => { },
        store => Task.FromResult(TestStore.Add(store, null, "a")),
        kept: [],
        after: (_, store) => Assert.Single(store.List()));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Tagging_SurvivesAnyFailure(bool forGood) => SurviveAsync(
        forGood,
        test =>
        {
            test.Add("x", "a");
            test.Add("y", "b");
        },
        store =>
        {
            store.Tag(store.Get("y"), ModelReference.Parse("x"));
            return Task.CompletedTask;
        },
        kept: ["y", "x"],
        after: (test, store) =>
        {
            Assert.Equal(2, store.List().Count);
            Assert.Equal(store.Get("y").Id, store.Get("x").Id);
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Removing_SurvivesAnyFailure(bool forGood) => SurviveAsync(
        forGood,
        test =>
        {
            test.Add("x", "shared", "a");
            test.Store.Tag(test.Store.Get("x"), ModelReference.Parse("x:2"));
            test.Add("y", "shared", "b");
        },
        store =>
        {
            if (store.Find("x") is StoredModel model)
            {
                store.Remove(model.Id.ToString(), force: true);
            }
            else if (store.Find("x:2") is not null)
            {
                store.Remove("x:2");
            }

            return Task.CompletedTask;
        },
        kept: ["y"],
        after: (test, store) =>
        {
            Assert.Equal(["y"], TestStore.Names(store));
            store.Prune(untagged: false);
            Assert.False(File.Exists(test.BlobPath("a")));
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Pruning_SurvivesAnyFailure(bool forGood) => SurviveAsync(
        forGood,
        test =>
        {
            test.Add("x", "shared", "a");
            test.Add(null, "shared", "b");
            BlobStore blobs = new(test.Folder, new StoreFiles());
            blobs.Add("unused"u8);
            Directory.CreateDirectory(blobs.PartialFolder);
            File.WriteAllText(Path.Combine(blobs.PartialFolder, Digest.Of([]).Hex), "half");
        },
        store =>
        {
            store.Prune(untagged: true);
            return Task.CompletedTask;
        },
        kept: ["x"],
        after: (test, store) =>
        {
            Assert.Equal(["x"], TestStore.Names(store));
            Assert.Equal(3, test.FilesOf("blobs").Length);
            Assert.Single(test.FilesOf("manifests"));
            Assert.Empty(test.FilesOf("partial"));
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Repairing_SurvivesAnyFailure(bool forGood) => SurviveAsync(
        forGood,
        test =>
        {
            test.Add("x", "shared", "a");
            test.Add("y", "shared", "b");
            test.Add("z", "shared", "c");
            File.WriteAllText(test.BlobPath("b"), "B");
            File.WriteAllText(test.BlobPath("c"), "C");
        },
        store => store.VerifyAsync(repair: true, cancellationToken: Cancellation),
        kept: ["x"],
        after: (test, store) =>
        {
            Assert.Equal(["x", "y", "z"], TestStore.Names(store));
            Assert.False(File.Exists(test.BlobPath("b")) || File.Exists(test.BlobPath("c")));
        },
        isSoundBefore: false);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Moving_SurvivesAnyFailure(bool forGood) => SurviveAsync(
        forGood,
        test =>
        {
            test.Add("x", "shared", "a");
            test.Add("y", "shared", "b");
        },
        async store =>
        {
            string target = Path.Combine(Path.GetDirectoryName(store.Options.HomeFolder)!, "elsewhere", "models");
            if (store.Folder != target)
            {
                await store.MoveAsync(target, cancellationToken: Cancellation);
            }
        },
        kept: ["x", "y"],
        after: (test, store) =>
        {
            Assert.EndsWith(Path.Combine("elsewhere", "models"), store.Folder, StringComparison.Ordinal);
            Assert.Equal(["x", "y"], TestStore.Names(store));
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Loading_SurvivesAnyFailure(bool forGood)
    {
        using TestStore other = new();
        other.Add("x", "a");
        other.Add("y", "b", "c");
        using MemoryStream archive = new();
        await other.Store.SaveAsync(other.Store.List(), archive, Cancellation);
        await SurviveAsync(
            forGood,
            test =>
            {
                test.Add("x", "old");
                test.Add("z", "a", "z");
            },
            store => store.LoadAsync(new MemoryStream(archive.ToArray()), cancellationToken: Cancellation),
            kept: ["x", "z"],
            after: (test, store) =>
            {
                Assert.Equal(["x", "y", "z"], TestStore.Names(store).Take(3));
                Assert.Equal(4, store.List().Count);
                Assert.Equal(other.Store.Get("x").Id, store.Get("x").Id);
            });
    }

    private static async Task SurviveAsync(
        bool forGood, Action<TestStore> prepare, Func<ModelStore, Task> act, string[] kept, Action<TestStore, ModelStore> after, bool isSoundBefore = true)
    {
        FaultyFiles files;
        int failAt = 0;
        do
        {
            using TestStore test = new();
            prepare(test);
            files = new FaultyFiles(++failAt, forGood);
            StoreException? failure = null;
            try
            {
                await act(test.Reopen(files));
            }
            catch (StoreException exception)
            {
                Assert.Equal(StoreErrorKind.DiskFull, exception.Kind);
                failure = exception;
            }

            ModelStore store = test.Reopen(folder: StoreLocation.Models(Path.Combine(test.Root, "home")));
            Assert.All(kept, name => Assert.NotNull(store.Find(name)));
            if (isSoundBefore)
            {
                await TestStore.AssertSoundAsync(store);
            }

            // Where nothing was told, it was the removal of one that failed.
            if (!forGood && failure is not null)
            {
                AssertNoTemporaries(test.Root);
            }

            await act(store);
            ModelStore again = test.Reopen(folder: StoreLocation.Models(Path.Combine(test.Root, "home")));
            Assert.All(kept, name => Assert.NotNull(again.Find(name)));
            after(test, again);
            if (isSoundBefore)
            {
                await TestStore.AssertSoundAsync(again);
            }

            again.Prune(untagged: false);
            AssertNoTemporaries(again.Folder);
            Assert.True(failAt < 1000);
        }
        while (files.HasFailed);

        Assert.True(failAt > 3);
    }

    private static void AssertNoTemporaries(string folder) => Assert.DoesNotContain(
        Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [], path => path.EndsWith(".tmp", StringComparison.Ordinal));
}
