using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Storage;
using Hearth.Store.Tests.Storage;

namespace Hearth.Store.Tests.Archives;

public sealed class ArchiveTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SavedModels_AreTheSame_WhenTheyAreLoaded()
    {
        using TestStore test = new();
        StoredModel tagged = test.Add("smollm2", "shared", "a");
        test.Store.Tag(tagged, ModelReference.Parse("localhost:5000/team/model:v2"));
        test.Add("hf.co/Owner/Repo:Q4_K_M@v1", "shared", "b");
        test.Add("ollama.com/library/llama3.2", "c");
        test.Add(null, "untagged");
        byte[] archive = await SaveAsync(test.Store, [.. test.Store.List()]);

        using TestStore other = new();
        IReadOnlyList<StoredModel> loaded = await other.Store.LoadAsync(new UnseekableStream(archive), cancellationToken: Cancellation);
        Assert.Equal(test.Store.List().Select(model => model.Id).Order(Comparer), loaded.Select(model => model.Id).Order(Comparer));
        Assert.Equal(TestStore.Names(test.Store), TestStore.Names(other.Store));
        Assert.Equal(2, loaded.Single(model => model.Id == tagged.Id).References.Count);
        await TestStore.AssertSoundAsync(other.Store);
        Assert.Equal(test.FilesOf("blobs").Select(Path.GetFileName), other.FilesOf("blobs").Select(Path.GetFileName));
        Assert.Empty(other.FilesOf("partial"));
        Assert.Equal(archive, await SaveAsync(other.Store, [.. other.Store.List()]));
    }

    [Fact]
    public async Task SavedModels_GiveTheSameBytes_InAnyOrder()
    {
        using TestStore test = new();
        StoredModel x = test.Add("x", "shared", "a");
        StoredModel y = test.Add("y", "shared", "b");
        byte[] archive = await SaveAsync(test.Store, x, y);
        using TestStore other = new();
        StoredModel otherY = other.Add("y", "shared", "b");
        StoredModel otherX = other.Add("x", "shared", "a");
        Assert.Equal(archive, await SaveAsync(other.Store, otherY, otherX, otherX));
    }

    [Fact]
    public async Task SavedModels_AreAnImageLayout()
    {
        using TestStore test = new();
        StoredModel model = test.Add("smollm2:360M", "weights");
        List<(string Name, byte[] Content)> entries = TarBuilder.Read(await SaveAsync(test.Store, model));
        Assert.Equal(["oci-layout", "index.json", $"blobs/sha256/{model.Id.Hex}"], entries.Take(3).Select(entry => entry.Name));
        Assert.Equal("""{"imageLayoutVersion":"1.0.0"}""", Encoding.UTF8.GetString(entries[0].Content));
        Assert.All(entries.Skip(2), entry => Assert.Equal(entry.Name, $"blobs/sha256/{Digest.Of(entry.Content).Hex}"));
        using JsonDocument index = JsonDocument.Parse(entries[1].Content);
        Assert.Equal(2, index.RootElement.GetProperty("schemaVersion").GetInt32());
        Assert.Equal(MediaTypes.OciIndex, index.RootElement.GetProperty("mediaType").GetString());
        JsonElement manifest = Assert.Single(index.RootElement.GetProperty("manifests").EnumerateArray());
        Assert.Equal(model.Id.ToString(), manifest.GetProperty("digest").GetString());
        Assert.Equal(entries[2].Content.Length, manifest.GetProperty("size").GetInt32());
        Assert.Equal(MediaTypes.OciManifest, manifest.GetProperty("mediaType").GetString());
        Assert.Equal("360M", manifest.GetProperty("annotations").GetProperty("org.opencontainers.image.ref.name").GetString());
        Assert.Equal("docker.io/ai/smollm2:360M", manifest.GetProperty("annotations").GetProperty("io.containerd.image.name").GetString());
    }

    [Fact]
    public async Task Save_WritesOnlyTheReferencesThatAreAskedFor()
    {
        using TestStore test = new();
        StoredModel model = test.Add("x", "a");
        test.Store.Tag(model, ModelReference.Parse("y"));
        byte[] archive = await SaveAsync(test.Store, test.Store.Get("x") with { References = [ModelReference.Parse("y")] });
        using TestStore other = new();
        await other.Store.LoadAsync(new MemoryStream(archive), cancellationToken: Cancellation);
        Assert.Equal(["y"], TestStore.Names(other.Store));
    }

    [Fact]
    public async Task Save_Fails_WhenAContentIsMissingOrCut()
    {
        using TestStore test = new();
        StoredModel model = test.Add("x", "weights");
        File.WriteAllText(test.BlobPath("weights"), "cut");
        Assert.Equal(StoreErrorKind.Corrupt, (await Assert.ThrowsAsync<StoreException>(() => SaveAsync(test.Store, model))).Kind);
        File.Delete(test.BlobPath("weights"));
        Assert.Equal(StoreErrorKind.Missing, (await Assert.ThrowsAsync<StoreException>(() => SaveAsync(test.Store, model))).Kind);
    }

    [Fact]
    public async Task Load_TakesEntriesInAnyOrder_AndFolders()
    {
        using TestStore test = new();
        StoredModel model = test.Add("x", "a", "b");
        List<(string Name, byte[] Content)> entries = TarBuilder.Read(await SaveAsync(test.Store, model));
        TarBuilder[] builders =
        [
            entries.Aggregate(new TarBuilder(), (tar, entry) => tar.Add(entry.Name, entry.Content)).Reverse(),
            entries.Aggregate(new TarBuilder().AddFolder("./").AddFolder("./blobs/").AddFolder("./blobs/sha256/"), (tar, entry) => tar.Add($"./{entry.Name}", entry.Content)),
            entries.OrderBy(entry => entry.Name).Aggregate(new TarBuilder(), (tar, entry) => tar.Add(entry.Name, entry.Content)),
        ];
        foreach (TarBuilder builder in builders)
        {
            using TestStore other = new();
            Assert.Equal(model.Id, Assert.Single(await other.Store.LoadAsync(new UnseekableStream(builder.ToBytes()), cancellationToken: Cancellation)).Id);
            await TestStore.AssertSoundAsync(other.Store);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Load_TakesTheFormOfDockerModelRunner(bool reversed)
    {
        TarBuilder tar = new();
        Manifest manifest = TestStore.BuildManifest(text => Keep(tar, text), "a", "b");
        tar.Add("manifest.json", manifest.Bytes.ToArray());
        using TestStore test = new();
        StoredModel loaded = Assert.Single(await test.Store.LoadAsync(new UnseekableStream((reversed ? tar.Reverse() : tar).ToBytes()), cancellationToken: Cancellation));
        Assert.Equal(manifest.Digest, loaded.Id);
        Assert.Empty(loaded.References);
        Assert.Equal(2, test.Store.Open(loaded).Weights.Count);
    }

    [Theory]
    [InlineData("docker.io/org/x:1", null, "org/x:1")]
    [InlineData(null, "registry:5000/team/x:2", "registry:5000/team/x:2")]
    [InlineData(null, "x:2", "x:2")]
    [InlineData(null, "2", null)]
    [InlineData("not a name/", null, null)]
    [InlineData(null, null, null)]
    public async Task Load_NamesModelsAsTheArchiveDoes(string? name, string? tag, string? expected)
    {
        using TestStore test = new();
        StoredModel loaded = Assert.Single(await test.Store.LoadAsync(new MemoryStream(Layout(name, tag).ToBytes()), cancellationToken: Cancellation));
        Assert.Equal(expected, loaded.References.Count == 0 ? null : Assert.Single(loaded.References).Display);
    }

    [Fact]
    public async Task Load_DoesNotKeepWhatNoManifestNames()
    {
        foreach (bool reversed in new[] { false, true })
        {
            TarBuilder tar = Layout("docker.io/ai/x:latest", null);
            Keep(tar, "not named by anything");
            tar.Add("README.md", "hello").Add("blobs/sha512/abc", "other").Add("blobs/sha256/short", "odd");
            using TestStore test = new();
            await test.Store.LoadAsync(new MemoryStream((reversed ? tar.Reverse() : tar).ToBytes()), cancellationToken: Cancellation);
            Assert.False(File.Exists(test.BlobPath("not named by anything")));
            Assert.Equal(2, test.FilesOf("blobs").Length);
            Assert.Empty(test.FilesOf("partial"));
        }
    }

    [Fact]
    public async Task Load_TakesContentsThatTheStoreHas()
    {
        using TestStore test = new();
        test.Add("y", "a", "b");
        TarBuilder tar = new();
        Manifest manifest = TestStore.BuildManifest(text => Digest.Of(Encoding.UTF8.GetBytes(text)), "b", "a");
        tar.Add("manifest.json", manifest.Bytes.ToArray());
        Assert.Equal(manifest.Digest, Assert.Single(await test.Store.LoadAsync(new MemoryStream(tar.ToBytes()), cancellationToken: Cancellation)).Id);
    }

    [Fact]
    public async Task Load_LeavesNothing_WhenItIsCancelled()
    {
        using TestStore test = new();
        using CancellationTokenSource cancellation = new();
        UnseekableStream archive = new(Layout("docker.io/ai/x:latest", null).ToBytes()) { BeforeRead = position => { if (position > 4000) { cancellation.Cancel(); } } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Store.LoadAsync(archive, cancellationToken: cancellation.Token));
        Assert.Empty(test.Store.List());
        Assert.Empty(test.FilesOf("partial"));
        Assert.Empty(test.FilesOf("blobs"));
    }

    [Fact]
    public async Task Skopeo_ReadsWhatSaveWrites()
    {
        Assert.SkipUnless(FindSkopeo() is not null, "skopeo is not installed.");
        using TestStore test = new();
        StoredModel model = test.Add("smollm2:360M", "weights");
        string archive = Path.Combine(test.Root, "model.tar");
        await File.WriteAllBytesAsync(archive, await SaveAsync(test.Store, model), Cancellation);
        string raw = await RunAsync(FindSkopeo()!, "inspect", "--raw", $"oci-archive:{archive}:360M");
        Assert.Equal(Encoding.UTF8.GetString(test.Store.GetManifest(model).Bytes.Span), raw);

        string copy = Path.Combine(test.Root, "copy");
        await RunAsync(FindSkopeo()!, "--insecure-policy", "copy", $"oci-archive:{archive}", $"dir:{copy}");
        Assert.Equal("weights", await File.ReadAllTextAsync(Path.Combine(copy, Digest.Of("weights"u8).Hex), Cancellation));

        string back = Path.Combine(test.Root, "back.tar");
        await RunAsync(FindSkopeo()!, "--insecure-policy", "copy", $"dir:{copy}", $"oci-archive:{back}:docker.io/ai/back:1");
        using TestStore other = new();
        await using FileStream stream = File.OpenRead(back);
        Assert.Equal(model.Id, Assert.Single(await other.Store.LoadAsync(stream, cancellationToken: Cancellation)).Id);
        Assert.Equal(["back:1"], TestStore.Names(other.Store));
    }

    internal static TarBuilder Layout(string? name, string? tag)
    {
        TarBuilder tar = new();
        Manifest manifest = TestStore.BuildManifest(text => Keep(tar, text), "weights");
        Dictionary<string, string> annotations = [];
        if (name is not null)
        {
            annotations["io.containerd.image.name"] = name;
        }

        if (tag is not null)
        {
            annotations["org.opencontainers.image.ref.name"] = tag;
        }

        return tar.Add($"blobs/sha256/{manifest.Digest.Hex}", manifest.Bytes.ToArray())
            .Add("oci-layout", """{"imageLayoutVersion":"1.0.0"}""")
            .Add("index.json", Index(manifest.Digest.ToString(), manifest.Bytes.Length, annotations));
    }

    internal static string Index(string digest, long size, Dictionary<string, string> annotations) =>
        $$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{digest}}","size":{{size}},"annotations":{{JsonSerializer.Serialize(annotations)}}}]}""";

    internal static Digest Keep(TarBuilder tar, string text)
    {
        Digest digest = Digest.Of(Encoding.UTF8.GetBytes(text));
        tar.Add($"blobs/sha256/{digest.Hex}", text);
        return digest;
    }

    internal static async Task<byte[]> SaveAsync(ModelStore store, params StoredModel[] models)
    {
        using MemoryStream archive = new();
        await store.SaveAsync(models, archive, TestContext.Current.CancellationToken);
        return archive.ToArray();
    }

    private static Comparer<Digest> Comparer => Comparer<Digest>.Create((left, right) => string.CompareOrdinal(left.Hex, right.Hex));

    private static string? FindSkopeo() => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "skopeo")).FirstOrDefault(File.Exists);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(Cancellation);
        string output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.True(process.ExitCode == 0, await errors);
        return output;
    }
}
