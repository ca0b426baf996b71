using System.Text;
using Hearth.Store.Importing;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Tests.Fakes;

namespace Hearth.Store.Tests.Importing;

public sealed class ForeignModelTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly ForeignStores _stores = new();

    public void Dispose() => _stores.Dispose();

    [Fact]
    public void DockerModelRunner_GivesAModelForEachTag()
    {
        Digest id = _stores.AddDocker(TestGguf.Make(), "docker.io/ai/smollm2:latest", "huggingface.co/owner/repo:Q4_K_M");
        IReadOnlyList<ForeignModel> found = _stores.Find();
        Assert.Equal(["smollm2", "hf.co/owner/repo:Q4_K_M"], found.Select(model => model.Reference.Display));
        Assert.All(found, model => Assert.Equal((ForeignSource.DockerModelRunner, Path.Combine(_stores.Docker, "manifests", "sha256", id.Hex)), (model.Source, model.Location)));
        Assert.True(found[0].Size > TestGguf.Make().Length);
    }

    [Fact]
    public void Ollama_GivesModelsOfAllItsHosts()
    {
        _stores.AddOllama("registry.ollama.ai/library/llama3.2/1b", TestGguf.Make());
        _stores.AddOllama("registry.ollama.ai/someone/Model/latest", TestGguf.Make());
        _stores.AddOllama("hf.co/Owner/Repo-GGUF/Q4_K_M", TestGguf.Make());
        _stores.AddOllama("registry.example/team/model/v1", TestGguf.Make());
        Assert.Equal(
            ["hf.co/Owner/Repo-GGUF:Q4_K_M", "registry.example/team/model:v1", "ollama.com/library/llama3.2:1b", "ollama.com/someone/Model"],
            _stores.Find().Select(model => model.Reference.Display));
    }

    [Fact]
    public void LlamaCpp_NamesModelsByTheNotesBesideThem()
    {
        _stores.AddLlamaCpp("bartowski_google_gemma-3-1b-it-GGUF_google_gemma-3-1b-it-Q4_K_M.gguf");
        _stores.AddLlamaCpp("ggml-org_models_tinyllamas_stories260K.gguf", """{"etag":"\"abc\"","url":"https://huggingface.co/ggml-org/models/resolve/main/tinyllamas/stories260K.gguf"}""");
        _stores.AddLlamaCpp("some_one_odd_name_x-Q8_0.gguf");
        File.WriteAllText(Path.Combine(_stores.LlamaCpp, "manifest=some_one=odd_name=Q8_0.json"), "{}");
        _stores.AddLlamaCpp("owner_repo_weights.gguf");
        Assert.Equal(
            ["hf.co/bartowski/google_gemma-3-1b-it-GGUF:Q4_K_M", "hf.co/ggml-org/models:stories260K.gguf", "hf.co/owner/repo:weights.gguf", "hf.co/some_one/odd_name:Q8_0"],
            _stores.Find().Select(model => model.Reference.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void LlamaCpp_TakesPartsAndProjectorsTogether()
    {
        _stores.AddLlamaCpp("ggml-org_gemma-3-4b-it-GGUF_gemma-3-4b-it-Q4_K_M-00002-of-00002.gguf", content: TestGguf.Make(seed: 2, padding: 5));
        _stores.AddLlamaCpp("ggml-org_gemma-3-4b-it-GGUF_gemma-3-4b-it-Q4_K_M-00001-of-00002.gguf");
        _stores.AddLlamaCpp("ggml-org_gemma-3-4b-it-GGUF_mmproj-model-f16.gguf", content: TestGguf.Make("mmproj"));
        ForeignModel found = Assert.Single(_stores.Find());
        Assert.Equal("hf.co/ggml-org/gemma-3-4b-it-GGUF:Q4_K_M", found.Reference.ToString());
        Assert.EndsWith("-00001-of-00002.gguf", found.Location, StringComparison.Ordinal);
        Assert.Equal(TestGguf.Make().Length * 2 + 5 + TestGguf.Make("mmproj").Length, found.Size);
    }

    [Theory]
    [InlineData("model.gguf")]
    [InlineData("owner_model.gguf")]
    [InlineData("owner_repo-GGUF_x-00001-of-00002.gguf")]
    [InlineData("owner_repo-GGUF_mmproj-f16.gguf")]
    [InlineData("owner_repo-GGUF_x.gguf.downloadInProgress")]
    public void LlamaCpp_LeavesOutWhatHasNoNameOrIsNotWhole(string name)
    {
        _stores.AddLlamaCpp(name);
        Assert.Empty(_stores.Find());
    }

    [Fact]
    public void HuggingFace_GivesTheModelsOfSnapshots()
    {
        byte[] weights = _stores.AddHuggingFace("Owner/Repo-GGUF", Commit, "Q8_0/Repo-Q8_0.gguf", TestGguf.Make());
        _stores.AddHuggingFace("Owner/Repo-GGUF", Commit, "mmproj-F16.gguf", TestGguf.Make("mmproj"));
        _stores.AddHuggingFace("Owner/Repo-GGUF", Commit, "README.md", "# Repo"u8.ToArray());
        _stores.AddHuggingFace("Owner/Repo-GGUF", "ffff", "Repo-Q8_0.gguf", TestGguf.Make(seed: 3, padding: 9));
        _stores.SetMain("Owner/Repo-GGUF", Commit);
        IReadOnlyList<ForeignModel> found = _stores.Find();
        Assert.Equal(["hf.co/Owner/Repo-GGUF:Q8_0", "hf.co/Owner/Repo-GGUF:Q8_0@ffff"], found.Select(model => model.Reference.ToString()));
        Assert.Equal(weights.Length + TestGguf.Make("mmproj").Length, found[0].Size);
        Assert.EndsWith(Digest.Of(weights).Hex, found[0].Location, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralFilesOfAQuantization_AreNamedByTheFile()
    {
        _stores.AddHuggingFace("Owner/Repo", Commit, "a-Q4_0.gguf", TestGguf.Make());
        _stores.AddHuggingFace("Owner/Repo", Commit, "b-Q4_0.gguf", TestGguf.Make(seed: 2, padding: 1));
        _stores.SetMain("Owner/Repo", Commit);
        Assert.Equal(["hf.co/Owner/Repo:a-Q4_0.gguf", "hf.co/Owner/Repo:b-Q4_0.gguf"], _stores.Find().Select(model => model.Reference.ToString()));
    }

    [Fact]
    public void HuggingFaceWithoutLinks_IsRead()
    {
        string snapshot = Directory.CreateDirectory(Path.Combine(_stores.HuggingFace, "models--Owner--Repo", "snapshots", Commit)).FullName;
        File.WriteAllBytes(Path.Combine(snapshot, "x-Q4_0.gguf"), TestGguf.Make());
        Assert.Equal($"hf.co/Owner/Repo:Q4_0@{Commit}", Assert.Single(_stores.Find()).Reference.ToString());
    }

    [Fact]
    public void LinksThatLeadElsewhere_AreNotFollowed()
    {
        byte[] secret = TestGguf.Make();
        File.WriteAllBytes(_stores.Folder["secret.gguf"], secret);
        string repository = Path.Combine(_stores.HuggingFace, "models--Owner--Repo");
        string snapshot = Directory.CreateDirectory(Path.Combine(repository, "snapshots", Commit)).FullName;
        string blobs = Directory.CreateDirectory(Path.Combine(repository, "blobs")).FullName;
        File.CreateSymbolicLink(Path.Combine(snapshot, "a-Q4_0.gguf"), _stores.Folder["secret.gguf"]);
        File.CreateSymbolicLink(Path.Combine(snapshot, "b-Q5_0.gguf"), "../../../../secret.gguf");
        File.CreateSymbolicLink(Path.Combine(blobs, "hop"), _stores.Folder["secret.gguf"]);
        File.CreateSymbolicLink(Path.Combine(snapshot, "c-Q6_K.gguf"), "../../blobs/hop");
        File.CreateSymbolicLink(Path.Combine(snapshot, "d-Q8_0.gguf"), "../../blobs/none");
        File.CreateSymbolicLink(Path.Combine(snapshot, "e-Q2_K.gguf"), "e-Q2_K.gguf");
        Directory.CreateSymbolicLink(Path.Combine(snapshot, "folder"), _stores.Folder.Path);
        Directory.CreateSymbolicLink(Path.Combine(_stores.HuggingFace, "models--Other--Repo"), repository);
        Directory.CreateDirectory(_stores.LlamaCpp);
        File.CreateSymbolicLink(Path.Combine(_stores.LlamaCpp, "owner_repo-GGUF_x-Q4_0.gguf"), _stores.Folder["secret.gguf"]);
        Assert.Empty(_stores.Find());
    }

    [Fact]
    public void LinkedContent_OfOtherStores_IsNotFollowed()
    {
        byte[] weights = TestGguf.Make();
        _stores.AddDocker(weights, "ai/one:latest");
        _stores.AddOllama("registry.ollama.ai/library/two/latest", weights);
        string docker = Path.Combine(_stores.Docker, "blobs", "sha256", Digest.Of(weights).Hex), ollama = Path.Combine(_stores.Ollama, "blobs", $"sha256-{Digest.Of(weights).Hex}");
        File.WriteAllBytes(_stores.Folder["elsewhere"], weights);
        Assert.Equal(2, _stores.Find().Count);
        foreach (string path in new[] { docker, ollama })
        {
            File.Delete(path);
            File.CreateSymbolicLink(path, _stores.Folder["elsewhere"]);
        }

        Assert.Empty(_stores.Find());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"models":[null,{},{"id":"sha256:abc","tags":["ai/x"]},{"id":"../../x","tags":[null,"::"]},{"id":null,"tags":null}]}""")]
    [InlineData("""{"models":{}}""")]
    public void BrokenIndexOfDocker_IsNoModel(string index)
    {
        Directory.CreateDirectory(_stores.Docker);
        File.WriteAllText(Path.Combine(_stores.Docker, "models.json"), index);
        Assert.Empty(_stores.Find());
    }

    [Fact]
    public void ManifestThatWasChanged_IsNoModel()
    {
        Digest id = _stores.AddDocker(TestGguf.Make(), "ai/one:latest");
        File.AppendAllText(Path.Combine(_stores.Docker, "manifests", "sha256", id.Hex), " ");
        Assert.Empty(_stores.Find());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"schemaVersion":2,"config":{},"layers":[]}""")]
    public void BrokenManifestOfOllama_IsNoModel(string manifest)
    {
        string path = Path.Combine(_stores.Ollama, "manifests", "registry.ollama.ai", "library", "x", "latest");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, manifest);
        _stores.AddOllama("registry.ollama.ai/library/good/latest", TestGguf.Make());
        Assert.Equal("ollama.com/library/good", Assert.Single(_stores.Find()).Reference.Display);
    }

    [Fact]
    public void ContentThatIsMissingOrShort_IsNoModel()
    {
        byte[] one = TestGguf.Make(seed: 1, padding: 10), two = TestGguf.Make(seed: 2, padding: 20);
        _stores.AddDocker(one, "ai/one:latest");
        _stores.AddOllama("registry.ollama.ai/library/two/latest", two);
        File.Delete(Path.Combine(_stores.Docker, "blobs", "sha256", Digest.Of(one).Hex));
        File.WriteAllText(Path.Combine(_stores.Ollama, "blobs", $"sha256-{Digest.Of(two).Hex}"), "cut");
        Assert.Empty(_stores.Find());
    }

    [Fact]
    public void ModelOfOllamasCloud_IsNoModelHere()
    {
        byte[] config = Encoding.UTF8.GetBytes("""{"remote_host":"https://ollama.com","remote_model":"big"}""");
        _stores.AddOllama("registry.ollama.ai/library/big/cloud", config, [(MediaTypes.OllamaLayer + "license", "MIT"u8.ToArray())]);
        Assert.Empty(_stores.Find());
    }

    [Fact]
    public void FoldersThatAreNotThere_HaveNoModels() => Assert.Empty(_stores.Find());

    [Fact]
    public void Nothing_IsChanged()
    {
        _stores.AddAll();
        string[] before = _stores.Describe();
        Assert.NotEmpty(_stores.Find());
        Assert.Equal(before, _stores.Describe());
    }

    [Fact]
    public void UsualFolders_AreThoseOfThePrograms()
    {
        ForeignFolders folders = ForeignFolders.From(_ => null, "/home/me", ".cache");
        Assert.Equal(["/home/me/.docker/models"], folders.DockerModelRunner);
        Assert.Equal(["/home/me/.ollama/models", "/usr/share/ollama/.ollama/models"], folders.Ollama);
        Assert.Equal(["/home/me/.cache/llama.cpp"], folders.LlamaCpp);
        Assert.Equal(["/home/me/.cache/huggingface/hub"], folders.HuggingFace);
        Assert.Equal(["/home/me/Library/Caches/llama.cpp"], ForeignFolders.From(_ => null, "/home/me", "Library/Caches").LlamaCpp);
    }

    [Fact]
    public void Variables_NameOtherFolders()
    {
        ForeignFolders folders = ForeignFolders.From(name => name is "HF_HOME" or "XDG_CACHE_HOME" ? null : $"/{name}", "/home/me", ".cache");
        Assert.Equal(["/MODELS_PATH"], folders.DockerModelRunner);
        Assert.Equal("/OLLAMA_MODELS", folders.Ollama[0]);
        Assert.Equal(["/LLAMA_CACHE"], folders.LlamaCpp);
        Assert.Equal(["/HF_HUB_CACHE"], folders.HuggingFace);
        Assert.Equal(["/HF_HOME/hub"], ForeignFolders.From(name => name == "HF_HOME" ? "/HF_HOME" : null, "/home/me", ".cache").HuggingFace);
        Assert.Equal(["/x/huggingface/hub"], ForeignFolders.From(name => name == "XDG_CACHE_HOME" ? "/x" : null, "/home/me", ".cache").HuggingFace);
    }
}
