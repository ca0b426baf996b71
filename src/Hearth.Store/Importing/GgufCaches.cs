using System.Text.Json;
using System.Text.RegularExpressions;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Registries.HuggingFace;

namespace Hearth.Store.Importing;

/// <summary>Finds models in the caches of llama.cpp and of Hugging Face's programs, which keep files of Hugging Face's repositories.</summary>
internal static partial class GgufCaches
{
    private const int MaxNoteBytes = 1 << 20;
    private const int MaxReferenceBytes = 1024;

    /// <summary>The models of llama.cpp's cache: files <c>OWNER_REPO_FILE.gguf</c>, with notes of where they are from beside them.</summary>
    public static IEnumerable<ForeignModel> FindLlamaCpp(string root)
    {
        IReadOnlyList<string> paths = ForeignFiles.Files(root);
        Dictionary<string, string> repositories = paths.Select(path => ManifestName().Match(Path.GetFileName(path))).Where(match => match.Success)
            .Select(match => (Owner: match.Groups["owner"].Value, Name: match.Groups["name"].Value))
            .GroupBy(names => $"{names.Owner}_{names.Name}_").ToDictionary(group => group.Key, group => $"{group.First().Owner}/{group.First().Name}");
        return paths
            .Select(path => ForeignFiles.Try(() => ForeignFiles.Plain(path) is FileInfo file ? Identify(file, repositories) : null))
            .OfType<CachedFile>()
            .GroupBy(file => file.Repository)
            .SelectMany(group => Describe(ForeignSource.LlamaCpp, group.Key, null, group));
    }

    /// <summary>
    /// The models of Hugging Face's cache: <c>models--OWNER--REPO/snapshots/COMMIT/FILE</c>, links into <c>blobs</c> whose names are the
    /// digests of large files; <c>refs/main</c> tells the commit of the main branch.
    /// </summary>
    public static IEnumerable<ForeignModel> FindHuggingFace(string root) =>
        from folder in ForeignFiles.Folders(root)
        let parts = Path.GetFileName(folder).Split("--")
        where parts is ["models", _, _]
        let main = ForeignFiles.Try(() => ForeignFiles.ReadSmall(Path.Combine(folder, "refs", "main"), MaxReferenceBytes) is byte[] bytes ? System.Text.Encoding.UTF8.GetString(bytes).Trim() : null)
        from snapshot in ForeignFiles.Folders(Path.Combine(folder, "snapshots"))
        let commit = Path.GetFileName(snapshot)
        let files = ForeignFiles.AllFiles(snapshot).Select(path => ForeignFiles.Try(() => Resolve(path, snapshot, folder, $"{parts[1]}/{parts[2]}"))).OfType<CachedFile>()
        from model in Describe(ForeignSource.HuggingFace, $"{parts[1]}/{parts[2]}", commit == main ? null : commit, files)
        select model;

    private static CachedFile? Resolve(string path, string snapshot, string folder, string repository)
    {
        if (ForeignFiles.Behind(path, Path.Combine(folder, "blobs")) is not FileInfo file)
        {
            return null;
        }

        Digest? digest = Digest.TryFromHex(file.Name, out Digest named) ? named : null;
        return new CachedFile(repository, new HubFile(Path.GetRelativePath(snapshot, path).Replace(Path.DirectorySeparatorChar, '/'), file.Length, digest), file.FullName);
    }

    private static CachedFile? Identify(FileInfo file, Dictionary<string, string> repositories)
    {
        if (!file.Name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        LlamaCppDownload? note = ForeignFiles.Try(
            () => ForeignFiles.ReadSmall(file.FullName + ".json", MaxNoteBytes) is byte[] bytes ? JsonSerializer.Deserialize(bytes, ImportingJson.Default.LlamaCppDownload) : null);
        string? etag = note?.Etag ?? (ForeignFiles.ReadSmall(file.FullName + ".etag", MaxNoteBytes) is byte[] text ? System.Text.Encoding.UTF8.GetString(text) : null);
        Digest? digest = Digest.TryFromHex(etag?.Trim().Trim('"'), out Digest tagged) ? tagged : null;
        CachedFile? Make(string repository, string path) => HubFile.IsSafe(path) ? new CachedFile(repository, new HubFile(path, file.Length, digest), file.FullName) : null;

        if (Uri.TryCreate(note?.Url, UriKind.Absolute, out Uri? url) && url.AbsolutePath.Split('/') is ["", var owner, var name, "resolve", _, _, ..] segments)
        {
            return Make($"{owner}/{name}", Uri.UnescapeDataString(string.Join('/', segments[5..])));
        }

        string? prefix = repositories.Keys.Where(prefix => file.Name.StartsWith(prefix, StringComparison.Ordinal)).MaxBy(prefix => prefix.Length);
        return prefix is not null ? Make(repositories[prefix], file.Name[prefix.Length..])
            : CachedName().Match(file.Name) is { Success: true } match ? Make($"{match.Groups["owner"].Value}/{match.Groups["name"].Value}", match.Groups["file"].Value)
            : null;
    }

    private static IEnumerable<ForeignModel> Describe(ForeignSource source, string repository, string? revision, IEnumerable<CachedFile> cached)
    {
        Dictionary<string, CachedFile> byPath = cached.GroupBy(file => file.File.Path).ToDictionary(group => group.Key, group => group.First());
        HubFile[] files = [.. byPath.Values.Select(file => file.File)];
        GgufVariant[] variants = [.. GgufVariant.FindAll(files).Where(variant => variant.Missing.Count == 0)];
        foreach (GgufVariant variant in variants)
        {
            bool isOnly = variants.Count(other => Quantization.Same(other.Quantization, variant.Quantization)) == 1;
            string tag = isOnly ? variant.Quantization! : variant.Files[0].Name;
            if (!ModelReference.TryParse($"{ModelReference.HuggingFaceHost}/{repository}:{tag}{(revision is null ? string.Empty : $"@{revision}")}", out ModelReference? reference))
            {
                continue;
            }

            HubSelection selection = HubSelection.Complete(variant, files);
            ForeignFile[] parts =
            [
                .. selection.Weights.Select(file => Take(file, MediaTypes.Gguf)),
                .. selection.Licenses.Select(file => Take(file, MediaTypes.License)),
                .. selection.Projector is HubFile projector ? [Take(projector, MediaTypes.Projector)] : Array.Empty<ForeignFile>(),
                .. selection.ChatTemplate is HubFile template ? [Take(template, MediaTypes.ChatTemplate)] : Array.Empty<ForeignFile>(),
            ];
            yield return new ForeignModel(source, reference, parts.Sum(part => part.Size), parts[0].Path, parts.Max(part => File.GetLastWriteTimeUtc(part.Path))) { Files = parts };
        }

        ForeignFile Take(HubFile file, string mediaType) => new(byPath[file.Path].Path, file.Size, mediaType, file.Digest, file.Path);
    }

    /// <summary>A file of a repository that is here.</summary>
    private sealed record CachedFile(string Repository, HubFile File, string Path);

    [GeneratedRegex(@"^manifest=(?<owner>[^=]+)=(?<name>[^=]+)=.*\.json\z")]
    private static partial Regex ManifestName();

    // Underscores divide the parts and stand in them: a repository usually ends with GGUF, else it has none.
    [GeneratedRegex(@"^(?<owner>[^_]+)_(?<name>.+?-gguf|[^_]+)_(?<file>.+)\z", RegexOptions.IgnoreCase)]
    private static partial Regex CachedName();
}
