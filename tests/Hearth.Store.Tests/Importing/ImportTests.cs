using Hearth.Store.Importing;
using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Storage;
using Hearth.Store.Tests.Fakes;

namespace Hearth.Store.Tests.Importing;

public sealed class ImportTests : IDisposable
{
    private readonly ForeignStores _stores = new();
    private readonly ModelStore _store;

    public ImportTests() => _store = new ModelStore(_stores.Folder["store"], new ModelStoreOptions { ReadGguf = TestGguf.Read });

    public void Dispose() => _stores.Dispose();

    [Theory]
    [InlineData(ForeignSource.DockerModelRunner, false)]
    [InlineData(ForeignSource.DockerModelRunner, true)]
    [InlineData(ForeignSource.Ollama, false)]
    [InlineData(ForeignSource.Ollama, true)]
    [InlineData(ForeignSource.LlamaCpp, false)]
    [InlineData(ForeignSource.LlamaCpp, true)]
    [InlineData(ForeignSource.HuggingFace, false)]
    [InlineData(ForeignSource.HuggingFace, true)]
    public async Task Model_CanBeOpenedAfterwards(ForeignSource source, bool link)
    {
        _stores.AddAll();
        string[] before = _stores.Describe();
        ForeignModel foreign = _stores.Find().Single(model => model.Source == source);

        StoredModel model = await ImportAsync(foreign, link);

        Assert.Equal(foreign.Reference, Assert.Single(model.References));
        ModelContent content = _store.Open(_store.Get(foreign.Reference.ToString()));
        byte[] expected = TestGguf.Make(padding: 100 * ((int)source + 1), seed: 11 + (int)source);
        Assert.Equal(expected, File.ReadAllBytes(Assert.Single(content.Weights)));
        Assert.Equal(!link, content.Weights[0].StartsWith(_store.Folder, StringComparison.Ordinal));
        Assert.Equal("Q4_K_M", model.Facts.Quantization);
        Assert.Equal(before, _stores.Describe());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Manifests_KeepTheirIds(bool link)
    {
        Digest docker = _stores.AddDocker(TestGguf.Make(), "ai/one:latest");
        Digest ollama = _stores.AddOllama("registry.ollama.ai/library/two/latest", TestGguf.Make(padding: 7));
        foreach (ForeignModel foreign in _stores.Find())
        {
            await ImportAsync(foreign, link);
        }

        Assert.Equal(docker, _store.Get("ai/one").Id);
        Assert.Equal(ollama, _store.Get("ollama.com/library/two").Id);
        Assert.Equal("Be brief.", _store.Open(_store.Get("ollama.com/library/two")).System);
    }

    [Theory]
    [InlineData(ForeignSource.DockerModelRunner, false)]
    [InlineData(ForeignSource.DockerModelRunner, true)]
    [InlineData(ForeignSource.Ollama, true)]
    [InlineData(ForeignSource.HuggingFace, false)]
    [InlineData(ForeignSource.HuggingFace, true)]
    public async Task ContentThatIsNotWhatItsNameSays_IsNotTaken(ForeignSource source, bool link)
    {
        _stores.AddAll();
        ForeignModel foreign = _stores.Find().Single(model => model.Source == source);
        string weights = foreign.Files.Single(file => file.MediaType.Contains("gguf", StringComparison.Ordinal) || file.MediaType.EndsWith(".model", StringComparison.Ordinal)).Path;
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);

        StoreException exception = await Assert.ThrowsAsync<StoreException>(() => ImportAsync(foreign, link));

        Assert.Equal(StoreErrorKind.Corrupt, exception.Kind);
        Assert.Empty(_store.List());
    }

    [Fact]
    public async Task LlamaCppsETag_IsCompared()
    {
        byte[] weights = TestGguf.Make();
        _stores.AddLlamaCpp("owner_a-GGUF_a-Q4_0.gguf", $$"""{"etag":"\"{{Digest.Of(weights).Hex}}\"","url":"https://huggingface.co/owner/a-GGUF/resolve/main/a-Q4_0.gguf"}""", weights);
        _stores.AddLlamaCpp("owner_b-GGUF_b-Q4_0.gguf", content: weights);
        File.WriteAllText(Path.Combine(_stores.LlamaCpp, "owner_b-GGUF_b-Q4_0.gguf.etag"), $"\"{Digest.Of("other"u8).Hex}\"");
        IReadOnlyList<ForeignModel> found = _stores.Find();
        await ImportAsync(found[0], link: true);
        Assert.Equal(StoreErrorKind.Corrupt, (await Assert.ThrowsAsync<StoreException>(() => ImportAsync(found[1], link: false))).Kind);
    }

    [Fact]
    public async Task LinkedFileThatGoes_IsAnErrorThatSaysWhatToDo()
    {
        _stores.AddAll();
        ForeignModel foreign = _stores.Find().Single(model => model.Source == ForeignSource.LlamaCpp);
        StoredModel model = await ImportAsync(foreign, link: true);
        File.Delete(foreign.Location);
        StoreException exception = Assert.Throws<StoreException>(() => _store.Open(model));
        Assert.Equal(StoreErrorKind.Missing, exception.Kind);
        Assert.Contains("pull or import the model again", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LinkedFileThatChanges_IsAnErrorThatSaysWhatToDo()
    {
        _stores.AddAll();
        ForeignModel foreign = _stores.Find().Single(model => model.Source == ForeignSource.Ollama);
        StoredModel model = await ImportAsync(foreign, link: true);
        string weights = _store.Open(model).Weights[0];
        File.AppendAllText(weights, "more");
        Assert.Equal(StoreErrorKind.Missing, Assert.Throws<StoreException>(() => _store.Open(model)).Kind);
    }

    [Fact]
    public async Task ImportAfterALinkIsBroken_MendsIt()
    {
        _stores.AddAll();
        ForeignModel foreign = _stores.Find().Single(model => model.Source == ForeignSource.LlamaCpp);
        StoredModel model = await ImportAsync(foreign, link: true);
        File.SetLastWriteTimeUtc(foreign.Location, DateTime.UtcNow.AddDays(1));
        Assert.Throws<StoreException>(() => _store.Open(model));
        StoredModel again = await ImportAsync(foreign, link: true);
        Assert.Single(_store.Open(again).Weights);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FileThatHasGoneSince_IsAnError(bool link)
    {
        _stores.AddAll();
        foreach (ForeignModel foreign in _stores.Find())
        {
            File.Delete(foreign.Files[0].Path);
            Assert.Equal(StoreErrorKind.Missing, (await Assert.ThrowsAsync<StoreException>(() => ImportAsync(foreign, link))).Kind);
        }
    }

    [Fact]
    public async Task ManifestThatHasGoneOrChangedSince_IsAnError()
    {
        _stores.AddAll();
        _stores.AddOllama("registry.ollama.ai/library/other/latest", TestGguf.Make(padding: 999));
        ForeignModel two = _stores.Find().Single(model => model.Reference.Name == "two"), other = _stores.Find().Single(model => model.Reference.Name == "other");
        File.Copy(other.Location, two.Location, overwrite: true);
        File.Delete(other.Location);
        Assert.Equal(StoreErrorKind.Missing, (await Assert.ThrowsAsync<StoreException>(() => ImportAsync(two, link: false))).Kind);
        Assert.Equal(StoreErrorKind.Missing, (await Assert.ThrowsAsync<StoreException>(() => ImportAsync(other, link: false))).Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Progress_CountsAllBytes(bool link)
    {
        _stores.AddAll();
        foreach (ForeignModel foreign in _stores.Find())
        {
            Recorder progress = [];
            await _store.ImportAsync(foreign, link, progress, TestContext.Current.CancellationToken);
            Assert.Equal((foreign.Size, foreign.Size), progress[^1]);
            Assert.Equal(progress.Select(report => report.Done).Order(), progress.Select(report => report.Done));
        }
    }

    [Fact]
    public async Task PartsProjectorTemplateAndLicence_ComeAlong()
    {
        const string Commit = "0123";
        byte[][] parts = [TestGguf.Make(padding: 90, seed: 1), TestGguf.Make(padding: 10, seed: 2)];
        _stores.AddHuggingFace("Owner/Repo", Commit, "Repo-Q4_0-00002-of-00002.gguf", parts[1]);
        _stores.AddHuggingFace("Owner/Repo", Commit, "Repo-Q4_0-00001-of-00002.gguf", parts[0]);
        byte[] projector = _stores.AddHuggingFace("Owner/Repo", Commit, "mmproj-F16.gguf", TestGguf.Make("mmproj"));
        _stores.AddHuggingFace("Owner/Repo", Commit, "chat_template.jinja", "{{ messages }}"u8.ToArray());
        _stores.AddHuggingFace("Owner/Repo", Commit, "LICENSE", "Do what you like."u8.ToArray());
        _stores.SetMain("Owner/Repo", Commit);

        StoredModel model = await ImportAsync(Assert.Single(_stores.Find()), link: true);

        ModelContent content = _store.Open(model);
        Assert.Equal(parts, content.Weights.Select(File.ReadAllBytes));
        Assert.Equal(projector, File.ReadAllBytes(content.Projector!));
        Assert.Equal("{{ messages }}", content.Template?.Text);
        Assert.Equal(["Do what you like."], content.Licenses);
    }

    [Theory]
    [InlineData("adapter")]
    [InlineData(null)]
    public async Task GgufThatIsNoModel_IsAnError(string? type)
    {
        _stores.AddLlamaCpp("owner_repo-GGUF_x-Q4_0.gguf", content: type is null ? "nothing"u8.ToArray() : TestGguf.Make(type));
        ForeignModel foreign = Assert.Single(_stores.Find());
        PackageException exception = await Assert.ThrowsAsync<PackageException>(() => ImportAsync(foreign, link: true));
        Assert.Contains(foreign.Location, exception.Message, StringComparison.Ordinal);
        Assert.Empty(_store.List());
    }

    [Fact]
    public async Task SameModelOfTwoPrograms_IsStoredOnce()
    {
        byte[] weights = TestGguf.Make(padding: 1000);
        _stores.AddDocker(weights, "ai/one:latest");
        _stores.AddOllama("registry.ollama.ai/library/two/latest", weights);
        foreach (ForeignModel foreign in _stores.Find())
        {
            await ImportAsync(foreign, link: false);
        }

        Assert.Single(Directory.GetFiles(Path.Combine(_store.Folder, "blobs", "sha256")), path => new FileInfo(path).Length == weights.Length);
    }

    private Task<StoredModel> ImportAsync(ForeignModel model, bool link) => _store.ImportAsync(model, link, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Keeps what it is told.</summary>
    private sealed class Recorder : List<(long Done, long Total)>, IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value) => Add(value);
    }
}
