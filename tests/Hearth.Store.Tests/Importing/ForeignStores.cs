using System.Text;
using System.Text.Json.Nodes;
using Hearth.Store.Importing;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Tests.Fakes;

namespace Hearth.Store.Tests.Importing;

/// <summary>Stores and caches as other programs have them.</summary>
internal sealed class ForeignStores : IDisposable
{
    private readonly JsonArray _dockerModels = [];

    public TemporaryFolder Folder { get; } = new();

    public string Docker => Folder["docker"];

    public string Ollama => Folder["ollama"];

    public string LlamaCpp => Folder["llama.cpp"];

    public string HuggingFace => Folder["hub"];

    public IReadOnlyList<ForeignModel> Find() => ModelStore.FindForeign(new ForeignFolders { DockerModelRunner = [Docker], Ollama = [Ollama], LlamaCpp = [LlamaCpp], HuggingFace = [HuggingFace] });

    /// <summary>Adds a model, and gives its ID.</summary>
    public Digest AddDocker(byte[] weights, params string[] tags)
    {
        byte[] config = FakeModel.Config(weights);
        byte[] manifest = FakeModel.Manifest(MediaTypes.DockerConfig, config, weights);
        Digest id = Digest.Of(manifest);
        Write(Path.Combine(Docker, "blobs", "sha256", Digest.Of(weights).Hex), weights);
        Write(Path.Combine(Docker, "blobs", "sha256", Digest.Of(config).Hex), config);
        Write(Path.Combine(Docker, "manifests", "sha256", id.Hex), manifest);
        _dockerModels.Add(new JsonObject
        {
            ["id"] = id.ToString(),
            ["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)tag)]),
            ["files"] = new JsonArray(Digest.Of(weights).ToString(), Digest.Of(config).ToString()),
        });
        Write(Path.Combine(Docker, "layout.json"), """{"version":"1.0.0"}"""u8.ToArray());
        Write(Path.Combine(Docker, "models.json"), Encoding.UTF8.GetBytes(new JsonObject { ["models"] = _dockerModels.DeepClone() }.ToJsonString()));
        return id;
    }

    /// <summary>Adds a model of a path <c>HOST/NAMESPACE/NAME/TAG</c>, and gives its ID.</summary>
    public Digest AddOllama(string path, byte[] weights) => AddOllama(
        path,
        Encoding.UTF8.GetBytes("""{"model_format":"gguf","model_family":"test","model_families":["test"],"model_type":"1M","file_type":"Q4_K_M","architecture":"amd64","os":"linux"}""" + "\n"),
        [(MediaTypes.OllamaLayer + "model", weights), (MediaTypes.OllamaLayer + "template", "{{ .Prompt }}"u8.ToArray()), (MediaTypes.OllamaLayer + "system", "Be brief."u8.ToArray())]);

    public Digest AddOllama(string path, byte[] config, (string MediaType, byte[] Content)[] layers)
    {
        byte[] manifest = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.DockerManifest,
            ["config"] = Describe(MediaTypes.OllamaConfig, config),
            ["layers"] = new JsonArray([.. layers.Select(layer => (JsonNode)Describe(layer.MediaType, layer.Content))]),
        }.ToJsonString());
        foreach (byte[] content in layers.Select(layer => layer.Content).Append(config))
        {
            Write(Path.Combine(Ollama, "blobs", $"sha256-{Digest.Of(content).Hex}"), content);
        }

        Write(Path.Combine(Ollama, "manifests", path), manifest);
        return Digest.Of(manifest);

        static JsonObject Describe(string mediaType, byte[] content) => new() { ["mediaType"] = mediaType, ["digest"] = Digest.Of(content).ToString(), ["size"] = content.Length };
    }

    public void AddLlamaCpp(string name, string? note = null, byte[]? content = null)
    {
        Write(Path.Combine(LlamaCpp, name), content ?? TestGguf.Make());
        if (note is not null)
        {
            Write(Path.Combine(LlamaCpp, name + ".json"), Encoding.UTF8.GetBytes(note));
        }
    }

    /// <summary>Adds a file, as a link to its content where it is large enough for Git LFS or not.</summary>
    public byte[] AddHuggingFace(string repository, string commit, string path, byte[] content)
    {
        string folder = Path.Combine(HuggingFace, $"models--{repository.Replace("/", "--", StringComparison.Ordinal)}");
        string blob = Path.Combine(folder, "blobs", Digest.Of(content).Hex), link = Path.Combine(folder, "snapshots", commit, path);
        Write(blob, content);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, blob));
        return content;
    }

    public void SetMain(string repository, string commit) =>
        Write(Path.Combine(HuggingFace, $"models--{repository.Replace("/", "--", StringComparison.Ordinal)}", "refs", "main"), Encoding.UTF8.GetBytes(commit));

    /// <summary>Adds a model of each program.</summary>
    public void AddAll()
    {
        AddDocker(TestGguf.Make(padding: 100, seed: 11), "docker.io/ai/one:latest");
        AddOllama("registry.ollama.ai/library/two/latest", TestGguf.Make(padding: 200, seed: 12));
        AddLlamaCpp("owner_three-GGUF_three-Q4_K_M.gguf", content: TestGguf.Make(padding: 300, seed: 13));
        AddHuggingFace("Owner/Four", "0123", "Four-Q4_K_M.gguf", TestGguf.Make(padding: 400, seed: 14));
        SetMain("Owner/Four", "0123");
    }

    /// <summary>All files with their lengths and times.</summary>
    public string[] Describe() =>
        [.. new DirectoryInfo(Folder.Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Where(entry => !entry.FullName.Contains("/store/", StringComparison.Ordinal) && entry.Name != "store")
            .Select(entry => $"{entry.FullName} {entry.LinkTarget} {entry.LastWriteTimeUtc.Ticks} {(entry as FileInfo)?.Length}").Order(StringComparer.Ordinal)];

    public void Dispose() => Folder.Dispose();

    private static void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }
}
