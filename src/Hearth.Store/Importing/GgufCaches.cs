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

    /// <summary>The models of llama.cpp's cache: files <c>OWNER_REPO_FILE.gguf</c>, with notes of where they are from beside them.</summary>
    public static IEnumerable<ForeignModel> FindLlamaCpp(string root)
    {
        IReadOnlyList<string> paths = ForeignFiles.Files(root);
        Dictionary<string, string> repositories = [];
        foreach (Match note in paths.Select(path => ManifestName().Match(Path.GetFileName(path))).Where(match => match.Success))
        {
            (string owner, string name) = (note.Groups["owner"].Value, note.Groups["name"].Value);
            repositories[$"{owner}_{name}_"] = $"{owner}/{name}";
        }

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
        let repository = $"{parts[1]}/{parts[2]}"
        let main = ForeignFiles.ReadText(Path.Combine(folder, "refs", "main"), MaxNoteBytes)?.Trim()
        from snapshot in ForeignFiles.Folders(Path.Combine(folder, "snapshots"))
        let commit = Path.GetFileName(snapshot)
        let files = ForeignFiles.AllFiles(snapshot).Select(path => ForeignFiles.Try(() => Resolve(path, snapshot, folder, repository)))
        from model in Describe(ForeignSource.HuggingFace, repository, commit == main ? null : commit, files.OfType<CachedFile>())
        select model;

    private static CachedFile? Resolve(string path, string snapshot, string folder, string repository)
    {
        if (ForeignFiles.Behind(path, Path.Combine(folder, "blobs")) is not FileInfo file)
        {
            return null;
        }

        string name = Path.GetRelativePath(snapshot, path).Replace(Path.DirectorySeparatorChar, '/');
        return new CachedFile(repository, new HubFile(name, file.Length, ReadDigest(file.Name)), file.FullName);
    }

    private static CachedFile? Identify(FileInfo file, Dictionary<string, string> repositories)
    {
        if (!file.Name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        LlamaCppDownload? note = ForeignFiles.Try(() => ForeignFiles.ReadSmall(file.FullName + ".json", MaxNoteBytes) is byte[] bytes
            ? JsonSerializer.Deserialize(bytes, ImportingJson.Default.LlamaCppDownload)
            : null);
        if (Locate(file.Name, note?.Url, repositories) is not (string repository, string path) || !HubFile.IsSafe(path))
        {
            return null;
        }

        string? etag = note?.Etag ?? ForeignFiles.ReadText(file.FullName + ".etag", MaxNoteBytes);
        return new CachedFile(repository, new HubFile(path, file.Length, ReadDigest(etag?.Trim().Trim('"'))), file.FullName);
    }

    private static Digest? ReadDigest(string? hex) => Digest.TryFromHex(hex, out Digest digest) ? digest : null;

    private static (string Repository, string Path)? Locate(string name, string? url, Dictionary<string, string> repositories)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out Uri? address)
            && address.AbsolutePath.Split('/') is ["", var owner, var repository, "resolve", _, _, ..] segments)
        {
            return ($"{owner}/{repository}", Uri.UnescapeDataString(string.Join('/', segments[5..])));
        }

        string? prefix = repositories.Keys.Where(prefix => name.StartsWith(prefix, StringComparison.Ordinal)).MaxBy(prefix => prefix.Length);
        return prefix is not null ? (repositories[prefix], name[prefix.Length..])
            : CachedName().Match(name) is { Success: true } match ? ($"{match.Groups["owner"]}/{match.Groups["name"]}", match.Groups["file"].Value)
            : null;
    }

    private static IEnumerable<ForeignModel> Describe(ForeignSource source, string repository, string? revision, IEnumerable<CachedFile> cached)
    {
        Dictionary<string, CachedFile> byPath = cached.GroupBy(file => file.File.Path).ToDictionary(group => group.Key, group => group.First());
        HubFile[] files = [.. byPath.Values.Select(file => file.File)];
        GgufVariant[] variants = [.. GgufVariant.FindAll(files).Where(variant => variant.IsWhole)];
        string end = revision is null ? string.Empty : $"@{revision}";
        foreach (GgufVariant variant in variants)
        {
            bool isOnly = variants.Count(other => Quantization.Same(other.Quantization, variant.Quantization)) == 1;
            string tag = isOnly ? variant.Quantization! : variant.Files[0].Name;
            if (ModelReference.TryParse($"{ModelReference.HuggingFaceHost}/{repository}:{tag}{end}", out ModelReference? reference))
            {
                ForeignFile[] parts = [.. Take(BesideFiles.Complete(variant, files), byPath)];
                DateTime updated = parts.Max(part => File.GetLastWriteTimeUtc(part.Path));
                yield return new ForeignModel(source, reference, parts.Sum(part => part.Size), parts[0].Path, updated) { Files = parts };
            }
        }
    }

    private static IEnumerable<ForeignFile> Take(HubSelection selection, Dictionary<string, CachedFile> byPath)
    {
        IEnumerable<(string MediaType, HubFile? File)> files =
        [
            .. selection.Weights.Select(file => (MediaTypes.Gguf, (HubFile?)file)),
            .. selection.Licenses.Select(file => (MediaTypes.License, (HubFile?)file)),
            (MediaTypes.Projector, selection.Projector),
            (MediaTypes.ChatTemplate, selection.ChatTemplate),
        ];
        return from pair in files
               where pair.File is not null
               select new ForeignFile(byPath[pair.File.Path].Path, pair.File.Size, pair.MediaType, pair.File.Digest, pair.File.Path);
    }

    /// <summary>A file of a repository that is here.</summary>
    private sealed record CachedFile(string Repository, HubFile File, string Path);

    [GeneratedRegex(@"^manifest=(?<owner>[^=]+)=(?<name>[^=]+)=.*\.json\z")]
    private static partial Regex ManifestName();

    // Underscores divide the parts and stand in them: a repository usually ends with GGUF, else it has none.
    [GeneratedRegex(@"^(?<owner>[^_]+)_(?<name>.+?-gguf|[^_]+)_(?<file>.+)\z", RegexOptions.IgnoreCase)]
    private static partial Regex CachedName();
}
