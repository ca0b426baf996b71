using System.Text;
using Hearth.Store.Modelfiles;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Tests.Packaging;

/// <summary>A store, and a folder with files to package, which both go with it.</summary>
internal sealed class PackagingStore : IDisposable
{
    public static readonly DateTimeOffset Written = new(2025, 3, 19, 10, 13, 11, TimeSpan.Zero);
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"hearth-packaging-{Guid.NewGuid():N}");

    public PackagingStore()
    {
        Directory.CreateDirectory(Folder);
        Store = Open("models");
    }

    public string Folder => Path.Combine(_root, "files");

    public ModelStore Store { get; }

    public List<string> Said { get; } = [];

    public ModelStore Open(string name) => new(Path.Combine(_root, name), new ModelStoreOptions { ReadGguf = TestGguf.Read, HomeFolder = _root });

    public string Write(string name, byte[] content)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, Written.UtcDateTime);
        return path;
    }

    public string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    public Task<StoredModel> PackageAsync(PackageRequest request, string reference = "team/model:v1", ModelStore? store = null) =>
        (store ?? Store).PackageAsync(request, ModelReference.Parse(reference), new Listener(Said), TestContext.Current.CancellationToken);

    public Task<StoredModel> CreateAsync(string modelfile, string reference = "team/created") =>
        Store.CreateAsync(Modelfile.Parse(Encoding.UTF8.GetBytes(modelfile)), Folder, ModelReference.Parse(reference), new Listener(Said), TestContext.Current.CancellationToken);

    public Task<StoredModel> CreateAsync(CreationRequest request, string reference = "team/created") =>
        Store.CreateAsync(request, ModelReference.Parse(reference), new Listener(Said), TestContext.Current.CancellationToken);

    /// <summary>The layers of a model by the last parts of their types, in their order.</summary>
    public (string Kind, string Hex)[] LayersOf(StoredModel model) =>
        [.. Store.GetManifest(model).Layers.Select(layer => (layer.MediaType[(layer.MediaType.LastIndexOf('.') + 1)..], layer.Digest.Hex))];

    public string ConfigOf(StoredModel model) => Encoding.UTF8.GetString(Store.GetConfig(model));

    public string[] Files() => Directory.Exists(Store.Folder) ? Directory.GetFiles(Store.Folder, "*", SearchOption.AllDirectories) : [];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private sealed class Listener(List<string> said) : IProgress<string>
    {
        public void Report(string value) => said.Add(value);
    }
}
