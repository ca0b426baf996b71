using System.Text;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Tests.Storage;

public sealed class CatalogTests
{
    [Fact]
    public void Store_IsEmptyAndChangesNothing_WhenThereIsNoFolder()
    {
        using TestStore test = new();
        Assert.Empty(test.Store.List());
        Assert.Null(test.Store.Find("smollm2"));
        Assert.Equal(0, test.Store.MeasureUsage().Models);
        Assert.Empty(test.Store.Prune(untagged: true).Models);
        Assert.False(Directory.Exists(test.Folder));
    }

    [Fact]
    public void List_IsSortedByName_WithUntaggedLast()
    {
        using TestStore test = new();
        StoredModel untagged = test.Add(null, "u");
        test.Add("smollm2:360M", "b");
        test.Add("smollm2", "a");
        test.Add("hf.co/Owner/Repo:Q4_K_M", "c");
        test.Add("Gemma3", "d");
        Assert.Equal(["gemma3", "hf.co/Owner/Repo:Q4_K_M", "smollm2", "smollm2:360M", $"<none> {untagged.Id.Abbreviated}"], TestStore.Names(test.Store));
    }

    [Fact]
    public void List_SaysWhatTheConfigSays_WithoutOpeningAnythingElse()
    {
        using TestStore test = new();
        StoredModel added = test.Add("smollm2", "weights");
        Directory.Delete(Path.Combine(test.Folder, "blobs"), recursive: true);
        Directory.Delete(Path.Combine(test.Folder, "manifests"), recursive: true);
        StoredModel listed = Assert.Single(test.Reopen().List());
        Assert.Equal(added.Id, listed.Id);
        Assert.Equal(added.Size, listed.Size);
        Assert.Equal("llama", listed.Facts.Architecture);
        Assert.Equal("1M", listed.Facts.Parameters);
    }

    [Fact]
    public void Commit_KeepsTheManifestByteForByte()
    {
        using TestStore test = new();
        Manifest manifest = TestStore.BuildManifest(text => Digest.Of(Encoding.UTF8.GetBytes(text)), "weights");
        Manifest spaced = Manifest.Read(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(manifest.Bytes.Span) + "\n \t"));
        test.Add("x", "weights");
        using (test.Store.BeginAdding())
        {
            test.Store.Commit(spaced, ModelReference.Parse("y"));
        }

        Assert.Equal(spaced.Bytes.ToArray(), test.Store.GetManifest(test.Store.Get("y")).Bytes.ToArray());
        Assert.NotEqual(test.Store.Get("x").Id, test.Store.Get("y").Id);
    }

    [Fact]
    public void Commit_Fails_WhenAContentIsMissingOrOfAnotherLength()
    {
        using TestStore test = new();
        Manifest manifest = TestStore.BuildManifest(text => Digest.Of(Encoding.UTF8.GetBytes(text)), "weights");
        using StoreLock adding = test.Store.BeginAdding();
        Assert.Equal(StoreErrorKind.Missing, Assert.Throws<StoreException>(() => test.Store.Commit(manifest, null)).Kind);
        test.Add("other", "weights");
        File.AppendAllText(test.BlobPath("weights"), "!");
        Assert.Equal(StoreErrorKind.Corrupt, Assert.Throws<StoreException>(() => test.Store.Commit(manifest, null)).Kind);
        Assert.Equal(["other"], TestStore.Names(test.Store));
    }

    [Fact]
    public void Commit_Fails_WhenTheReferenceHasAnotherDigest()
    {
        using TestStore test = new();
        StoredModel model = test.Add("x", "weights");
        using StoreLock adding = test.Store.BeginAdding();
        ModelReference other = ModelReference.Parse($"x@{Digest.Of([1])}");
        Assert.Equal(StoreErrorKind.Corrupt, Assert.Throws<StoreException>(() => test.Store.Commit(test.Store.GetManifest(model), other)).Kind);
    }

    [Fact]
    public void Open_SaysWhereTheWeightsAre()
    {
        using TestStore test = new();
        ModelContent content = test.Store.Open(test.Add("x", "weights"));
        Assert.Equal("weights", File.ReadAllText(Assert.Single(content.Weights)));
    }

    [Theory]
    [InlineData("ai/smollm2")]
    [InlineData("SmolLM2:latest")]
    [InlineData("docker.io/ai/smollm2")]
    [InlineData("https://hub.docker.com/r/ai/smollm2")]
    [InlineData(" smollm2 ")]
    public void Find_TakesAReferenceInAnyForm(string name)
    {
        using TestStore test = new();
        StoredModel model = test.Add("smollm2", "a");
        test.Add("org/smollm2", "b");
        Assert.Equal(model.Id, test.Store.Get(name).Id);
    }

    [Fact]
    public void Find_TakesAnIdOrItsBeginning()
    {
        using TestStore test = new();
        StoredModel model = test.Add("smollm2", "a");
        test.Add("gemma3", "b");
        foreach (string name in new[] { model.Id.ToString(), model.Id.Hex, model.Id.Abbreviated, $"sha256:{model.Id.Abbreviated}", model.Id.Hex[..20], $"any/name@{model.Id}" })
        {
            Assert.Equal(model.Id, test.Store.Get(name).Id);
        }

        Assert.Null(test.Store.Find(model.Id.Hex[..11]));
        Assert.Null(test.Store.Find($"smollm2@{Digest.Of([])}"));
    }

    [Fact]
    public void Find_Fails_WhenAnIdMayMeanSeveral()
    {
        ModelFacts facts = new() { Package = PackageFormat.Docker, Format = "gguf" };
        StoredModel[] models = [.. new[] { '0', '1' }.Select(last => new StoredModel { Id = Digest.Parse($"sha256:{new string('a', 63)}{last}"), References = [], Size = 1, Updated = default, Facts = facts })];
        ModelNotFoundException exception = Assert.Throws<ModelNotFoundException>(() => ModelFinder.Find(models, new string('a', 12), ModelReference.DockerHub));
        Assert.Contains(models[1].Id.ToString(), exception.Message, StringComparison.Ordinal);
        Assert.Equal(models[1], ModelFinder.Find(models, models[1].Id.Hex, ModelReference.DockerHub)?.Model);
    }

    [Theory]
    [InlineData("registry.ollama.ai/library/llama3.2:latest", "llama3.2")]
    [InlineData("registry.ollama.ai/library/llama3.2:1b", "LLAMA3.2:1B")]
    [InlineData("hf.co/bartowski/SmolLM2-GGUF", "smollm2-gguf")]
    [InlineData("hf.co/bartowski/SmolLM2-GGUF:Q4_K_M", "SmolLM2-GGUF:q4_k_m")]
    [InlineData("localhost:5000/team/mine:v2", "mine:v2")]
    public void Find_TakesTheLastPart_WhenItMeansOneModel(string reference, string name)
    {
        using TestStore test = new();
        StoredModel model = test.Add(reference, "a");
        test.Add("other", "b");
        Assert.Equal(model.Id, test.Store.Get(name).Id);
    }

    [Theory]
    [InlineData("mine:v3")]
    [InlineData("mine:V2")]
    [InlineData("team/mine:v2")]
    [InlineData("min")]
    [InlineData("")]
    [InlineData("../mine")]
    [InlineData("::")]
    public void Find_FindsNothing_WhenTheNameIsAnother(string name)
    {
        using TestStore test = new();
        test.Add("localhost:5000/team/mine:v2", "a");
        Assert.Null(test.Store.Find(name));
    }

    [Fact]
    public void Find_Fails_WhenTheLastPartMeansSeveralModels()
    {
        using TestStore test = new();
        test.Add("one/mine", "a");
        test.Add("localhost:5000/two/mine", "b");
        ModelNotFoundException exception = Assert.Throws<ModelNotFoundException>(() => test.Store.Find("mine"));
        Assert.Contains("one/mine", exception.Message, StringComparison.Ordinal);
        Assert.Contains("localhost:5000/two/mine", exception.Message, StringComparison.Ordinal);
        test.Add("mine", "c");
        Assert.Equal("mine", test.Store.Get("mine").DisplayName);
    }

    [Fact]
    public void Find_IgnoresCase_WhereTheRegistryDoes()
    {
        using TestStore test = new();
        StoredModel model = test.Add("hf.co/Owner/Repo:Q4_K_M", "a");
        Assert.Equal(model.Id, test.Store.Get("hf.co/owner/repo:q4_k_m").Id);
        test.Store.Tag(model, ModelReference.Parse("HF.co/OWNER/repo:Q4_k_M"));
        Assert.Single(Assert.Single(test.Store.List()).References);
    }

    [Fact]
    public void Tag_AddsAReference()
    {
        using TestStore test = new();
        StoredModel model = test.Add("x", "a");
        test.Store.Tag(model, ModelReference.Parse("y:2"));
        Assert.Equal(["x y:2"], TestStore.Names(test.Store));
        Assert.Throws<ReferenceException>(() => test.Store.Tag(model, ModelReference.Parse($"y@{model.Id}")));
    }

    [Fact]
    public void Tag_LeavesTheOtherModelUntagged_WhenItHadTheReference()
    {
        using TestStore test = new();
        StoredModel old = test.Add("x", "a");
        StoredModel model = test.Add("y", "b");
        test.Store.Tag(model, ModelReference.Parse("x"));
        Assert.Equal(["x y", $"<none> {old.Id.Abbreviated}"], TestStore.Names(test.Store));
        Assert.Equal("a", File.ReadAllText(test.Store.Open(test.Store.Get(old.Id.Hex)).Weights[0]));
        test.Store.Tag(old, ModelReference.Parse("z"));
        Assert.Equal(["x y", "z"], TestStore.Names(test.Store));
    }

    [Fact]
    public void Tag_Fails_WhenTheModelHasGone()
    {
        using TestStore test = new();
        StoredModel model = test.Add("x", "a");
        test.Store.Remove("x");
        Assert.Throws<ModelNotFoundException>(() => test.Store.Tag(model, ModelReference.Parse("y")));
        Assert.Empty(test.Store.List());
    }

    [Fact]
    public void Remove_RemovesTheModel_WithItsLastReference()
    {
        using TestStore test = new();
        StoredModel model = test.Add("x", "shared", "only x");
        test.Store.Tag(model, ModelReference.Parse("x:2"));
        test.Add("y", "shared");
        RemovalResult first = test.Store.Remove("x");
        Assert.Equal(["x"], first.Untagged.Select(reference => reference.Display));
        Assert.Empty(first.Deleted);
        Assert.True(File.Exists(test.BlobPath("only x")));

        RemovalResult second = test.Store.Remove("x:2");
        Assert.Equal(["x:2"], second.Untagged.Select(reference => reference.Display));
        Assert.Contains(model.Id, second.Deleted);
        Assert.Equal(2, second.Deleted.Count);
        Assert.True(second.FreedBytes > "only x".Length);
        Assert.False(second.ContentsKept);
        Assert.False(File.Exists(test.BlobPath("only x")));
        Assert.Equal("shared", File.ReadAllText(test.Store.Open(test.Store.Get("y")).Weights[0]));
        Assert.Throws<ModelNotFoundException>(() => test.Store.Remove("x"));
    }

    [Fact]
    public void Remove_ByIdNeedsForce_WhenThereAreSeveralReferences()
    {
        using TestStore test = new();
        StoredModel model = test.Add("x", "a");
        test.Store.Tag(model, ModelReference.Parse("y"));
        ModelInUseException exception = Assert.Throws<ModelInUseException>(() => test.Store.Remove(model.Id.Abbreviated));
        Assert.Equal(2, exception.Model.References.Count);
        Assert.Equal(2, test.Store.Remove(model.Id.Abbreviated, force: true).Untagged.Count);
        Assert.Empty(test.Store.List());
        Assert.Empty(test.FilesOf("blobs"));
        Assert.Empty(test.FilesOf("manifests"));
        Assert.Empty(test.FilesOf("references"));
    }

    [Fact]
    public void Remove_Fails_WhenTheLastPartMeansTwoReferences()
    {
        using TestStore test = new();
        StoredModel model = test.Add("one/mine", "a");
        test.Store.Tag(model, ModelReference.Parse("two/mine"));
        Assert.Equal(model.Id, test.Store.Get("mine").Id);
        Assert.Throws<ModelNotFoundException>(() => test.Store.Remove("mine"));
        Assert.Equal(["one/mine"], test.Store.Remove("one/mine").Untagged.Select(reference => reference.Display));
        Assert.Equal(["two/mine"], test.Store.Remove("mine").Untagged.Select(reference => reference.Display));
    }

    [Fact]
    public void Remove_TakesAModelThatOnceHadNoReference_Wholly()
    {
        using TestStore test = new();
        StoredModel model = test.Add(null, "a");
        test.Store.Tag(model, ModelReference.Parse("x"));
        test.Store.Remove("x");
        Assert.Empty(test.Store.List());
        Assert.Empty(test.FilesOf("references"));
    }

    [Fact]
    public void Remove_RemovesABrokenModel()
    {
        using TestStore test = new();
        StoredModel model = test.Add("x", "a");
        test.Add("y", "b");
        File.WriteAllText(Path.Combine(test.Folder, "manifests", "sha256", model.Id.Hex), "{");
        test.Store.Remove("x");
        Assert.Equal(["y"], TestStore.Names(test.Store));
        Assert.Single(test.FilesOf("manifests"));
    }

    [Fact]
    public void Remove_KeepsContents_WhenItCannotBeToldWhatIsUsed()
    {
        using TestStore test = new();
        test.Add("x", "shared");
        StoredModel broken = test.Add("y", "shared", "b");
        File.WriteAllText(Path.Combine(test.Folder, "manifests", "sha256", broken.Id.Hex), "{");
        Assert.True(test.Store.Remove("x").ContentsKept);
        Assert.True(File.Exists(test.BlobPath("shared")));
        Assert.Equal(["y"], TestStore.Names(test.Store));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"reference":5}""")]
    [InlineData("""{"reference":"docker.io/ai/x:latest","digest":"sha256:zz","size":1,"updated":"2026-01-01T00:00:00Z","facts":{"package":"Docker","format":"gguf"}}""")]
    [InlineData("""{"reference":"../../x","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":1,"updated":"2026-01-01T00:00:00Z","facts":{"package":"Docker","format":"gguf"}}""")]
    [InlineData("""{"reference":"other","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":1,"updated":"2026-01-01T00:00:00Z","facts":{"package":"Docker","format":"gguf"}}""")]
    [InlineData("""{"reference":"docker.io/ai/x:latest","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":-1,"updated":"2026-01-01T00:00:00Z","facts":null}""")]
    [InlineData("""{"reference":"docker.io/ai/x:latest","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":1,"updated":"yesterday","facts":{"package":"Docker","format":"gguf"}}""")]
    public async Task BrokenRecord_IsSkippedAndReported(string content)
    {
        using TestStore test = new();
        test.Add("x", "a");
        string record = Assert.Single(test.FilesOf("references"));
        test.Add("y", "b");
        File.WriteAllText(record, content);
        Assert.Equal(["y"], TestStore.Names(test.Store));
        Assert.Null(test.Store.Find("x"));

        VerificationResult verification = await test.Store.VerifyAsync(repair: true, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("reference", Assert.Single(verification.Problems).Problem, StringComparison.Ordinal);
        await TestStore.AssertSoundAsync(test.Store);
        Assert.Equal(["y"], TestStore.Names(test.Store));
        test.Add("x", "a");
        Assert.Equal(["x", "y"], TestStore.Names(test.Store));
    }

    [Fact]
    public void BrokenRecord_IsSkipped_WhenItIsHuge()
    {
        using TestStore test = new();
        test.Add("x", "a");
        File.AppendAllText(Assert.Single(test.FilesOf("references")), new string(' ', 10_000_000));
        Assert.Empty(test.Store.List());
    }

    [Fact]
    public void BrokenRecord_KeepsItsModelFromBeingPruned()
    {
        using TestStore test = new();
        StoredModel model = test.Add("x", "a");
        File.WriteAllText(Assert.Single(test.FilesOf("references")), "{");
        test.Store.Prune(untagged: true);
        Assert.True(File.Exists(test.BlobPath("a")));
        using (test.Store.BeginAdding())
        {
            test.Store.Commit(test.Store.GetManifest(model), ModelReference.Parse("x"));
        }

        Assert.Equal(["x"], TestStore.Names(test.Store));
    }

    [Fact]
    public void ForeignFiles_AreNoModels()
    {
        using TestStore test = new();
        test.Add("x", "a");
        File.WriteAllText(Path.Combine(test.Folder, "references", "notes.json"), "{}");
        File.WriteAllText(Path.Combine(test.Folder, "references", ".DS_Store"), "x");
        Directory.CreateDirectory(Path.Combine(test.Folder, "references", "folder.json"));
        Assert.Equal(["x"], TestStore.Names(test.Store));
    }

    [Theory]
    [InlineData("""{"version":"2"}""", StoreErrorKind.Unusable)]
    [InlineData("""{"version":"1.0.0"}""", StoreErrorKind.Unusable)]
    [InlineData("""{"version":"0"}""", StoreErrorKind.Unusable)]
    [InlineData("""{}""", StoreErrorKind.Corrupt)]
    [InlineData("""not json""", StoreErrorKind.Corrupt)]
    public void OtherLayouts_AreRefused(string layout, StoreErrorKind kind)
    {
        using TestStore test = new();
        test.Add("x", "a");
        File.WriteAllText(Path.Combine(test.Folder, "layout.json"), layout);
        Assert.Equal(kind, Assert.Throws<StoreException>(() => test.Store.List()).Kind);
        Assert.Equal(kind, Assert.Throws<StoreException>(() => test.Add("y", "b")).Kind);
        Assert.Equal(kind, Assert.Throws<StoreException>(() => test.Store.Prune(untagged: false)).Kind);
    }

    [Fact]
    public async Task ReadOnlyFolder_CanBeListedOpenedAndVerified()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "A folder cannot be made read-only for this user.");
        using TestStore test = new();
        StoredModel model = test.Add("x", "a");
        File.Delete(Path.Combine(test.Folder, "store.lock"));
        SetReadOnly(test.Folder);
        Assert.Equal(["x"], TestStore.Names(test.Store));
        Assert.Single(test.Store.Open(model).Weights);
        await TestStore.AssertSoundAsync(test.Store);
        Assert.Equal(StoreErrorKind.Unusable, Assert.Throws<StoreException>(() => test.Add("y", "b")).Kind);
        Assert.Equal(StoreErrorKind.Unusable, Assert.Throws<StoreException>(() => test.Store.Remove("x")).Kind);
        Assert.Equal(StoreErrorKind.Unusable, Assert.Throws<StoreException>(() => test.Store.Prune(untagged: true)).Kind);
        Assert.Equal(["x"], TestStore.Names(test.Store));
    }

    private static void SetReadOnly(string folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            foreach (string path in Directory.GetDirectories(folder, "*", SearchOption.AllDirectories).Append(folder))
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }
        }
    }
}
