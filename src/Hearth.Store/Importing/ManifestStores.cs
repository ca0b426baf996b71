using System.Text.Json;
using Hearth.Store.Manifests;
using Hearth.Store.References;

namespace Hearth.Store.Importing;

/// <summary>Finds models in the stores of Docker Model Runner and of Ollama, which keep manifests and contents as registries do.</summary>
internal static class ManifestStores
{
    private const int MaxIndexBytes = 64 << 20;

    /// <summary>The models of Docker Model Runner with a tag: <c>models.json</c>, <c>manifests/sha256/HEX</c>, <c>blobs/sha256/HEX</c>.</summary>
    public static IEnumerable<ForeignModel> FindDocker(string root)
    {
        string manifests = Path.Combine(root, "manifests", "sha256"), blobs = Path.Combine(root, "blobs", "sha256");
        DockerIndex? index = ForeignFiles.Try(() => ForeignFiles.ReadSmall(Path.Combine(root, "models.json"), MaxIndexBytes) is byte[] bytes
            ? JsonSerializer.Deserialize(bytes, ImportingJson.Default.DockerIndex)
            : null);
        return (index?.Models ?? []).SelectMany(model => model?.Tags ?? [], (model, tag) => ForeignFiles.Try(() =>
            ModelReference.TryParse(tag, out ModelReference? reference) && Digest.TryParse(model!.Id, out Digest id)
                ? Read(ForeignSource.DockerModelRunner, reference, Path.Combine(manifests, id.Hex), digest => Path.Combine(blobs, digest.Hex), id)
                : null)).OfType<ForeignModel>();
    }

    /// <summary>The models of Ollama with weights: <c>manifests/HOST/NAMESPACE/NAME/TAG</c>, <c>blobs/sha256-HEX</c>.</summary>
    public static IEnumerable<ForeignModel> FindOllama(string root) =>
        from host in ForeignFiles.Folders(Path.Combine(root, "manifests"))
        from owner in ForeignFiles.Folders(host)
        from name in ForeignFiles.Folders(owner)
        from manifest in ForeignFiles.Files(name)
        let text = $"{Path.GetFileName(host)}/{Path.GetFileName(owner)}/{Path.GetFileName(name)}:{Path.GetFileName(manifest)}"
        let found = ForeignFiles.Try(() => ModelReference.TryParse(text, out ModelReference? reference)
            ? Read(ForeignSource.Ollama, reference, manifest, digest => Path.Combine(root, "blobs", $"sha256-{digest.Hex}"), null)
            : null)
        where found is not null && found.Files.Any(file => file.MediaType == MediaTypes.OllamaLayer + "model")
        select found;

    private static ForeignModel? Read(ForeignSource source, ModelReference reference, string path, Func<Digest, string> locate, Digest? expected)
    {
        if (ForeignFiles.ReadSmall(path, Manifest.MaxBytes) is not byte[] bytes || (expected is Digest id && Digest.Of(bytes) != id))
        {
            return null;
        }

        Manifest manifest = Manifest.Read(bytes);
        ForeignFile[] files =
        [
            .. manifest.Blobs.Select(blob => new ForeignFile(locate(blob.Digest), blob.Size, blob.MediaType, blob.Digest, blob.Digest.Hex)),
        ];
        return files.All(file => ForeignFiles.Plain(file.Path)?.Length == file.Size)
            ? new ForeignModel(source, reference, manifest.Size, path, File.GetLastWriteTimeUtc(path)) { Files = files }
            : null;
    }
}
