using System.Formats.Tar;
using System.Text.Json;
using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Archives;

/// <summary>
/// Reads an archive of an OCI image layout, or of Docker Model Runner, once and from front to back. Nothing that it says is trusted; its contents
/// are in the store's folder for what is not whole until they are committed, and gone when they are not.
/// </summary>
/// <param name="blobs">The contents of the store.</param>
/// <param name="files">Says how much room there is.</param>
/// <param name="defaultRegistry">The registry of names without one.</param>
/// <param name="progress">Is told of each step.</param>
internal sealed class ArchiveReader(BlobStore blobs, StoreFiles files, string defaultRegistry, IProgress<string>? progress) : IDisposable
{
    private const int MaxEntries = 50_000;
    private const int MaxIndexBytes = 4 * 1024 * 1024;
    private const int MaxLayoutBytes = 4 * 1024;
    private readonly Dictionary<Digest, ReceivedContent> _contents = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly ArchiveContents _expected = new(defaultRegistry);

    /// <summary>Reads and verifies everything.</summary>
    /// <exception cref="PackageException">It is no such archive, or is not safe to unpack.</exception>
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public async Task<IReadOnlyList<ArchivedModel>> ReadAsync(Stream archive, CancellationToken cancellationToken)
    {
        try
        {
            await using TarReader reader = new(new ArchiveStream(archive));
            while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is TarEntry entry)
            {
                await ReadAsync(entry, cancellationToken);
            }

            return Resolve();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or FormatException or ArgumentException or OverflowException
            or JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new PackageException($"The archive is broken, or no tar archive: {exception.Message}", exception);
        }
        catch (ManifestException exception)
        {
            throw new PackageException($"The archive has no model that can be read: {exception.Message}", exception);
        }
    }

    /// <summary>Gives the contents of models their places.</summary>
    /// <exception cref="StoreException">They cannot be moved there.</exception>
    public void Commit(IEnumerable<ArchivedModel> models)
    {
        foreach (Digest digest in models.SelectMany(model => model.Manifest.Blobs).Select(blob => blob.Digest).Distinct())
        {
            if (_contents.TryGetValue(digest, out ReceivedContent? content))
            {
                content.Commit();
            }
        }
    }

    public void Dispose()
    {
        foreach (ReceivedContent content in _contents.Values)
        {
            content.Dispose();
        }
    }

    private async Task ReadAsync(TarEntry entry, CancellationToken cancellationToken)
    {
        if (entry.EntryType == TarEntryType.GlobalExtendedAttributes)
        {
            return;
        }

        string name = CheckName(entry);
        if (entry.EntryType == TarEntryType.Directory)
        {
            return;
        }

        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
        {
            throw new PackageException($"The archive has '{Shown(name)}' as a {entry.EntryType}; only files and folders are taken.");
        }

        switch (name)
        {
            case ArchiveNames.Layout:
                CheckLayout(await ReadSmallAsync(entry, MaxLayoutBytes, cancellationToken));
                break;
            case ArchiveNames.Index:
                _expected.ReadIndex(await ReadSmallAsync(entry, MaxIndexBytes, cancellationToken));
                break;
            case ArchiveNames.DockerManifest:
                _expected.ReadDockerManifest(await ReadSmallAsync(entry, Manifest.MaxBytes, cancellationToken));
                break;
            default:
                if (name.StartsWith(ArchiveNames.BlobFolder, StringComparison.Ordinal) && Digest.TryFromHex(name.AsSpan(ArchiveNames.BlobFolder.Length), out Digest digest))
                {
                    await ReadBlobAsync(entry, digest, cancellationToken);
                }

                break;
        }
    }

    private string CheckName(TarEntry entry)
    {
        string name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
        string[] parts = name.TrimEnd('/').Split('/');
        if (name.StartsWith('/') || name.AsSpan().IndexOfAny('\\', ':', '\0') >= 0 || parts.Contains(".."))
        {
            throw new PackageException($"The archive has a file '{Shown(entry.Name)}', whose path leads out of it.");
        }

        if (_names.Count >= MaxEntries)
        {
            throw new PackageException($"The archive has more than {MaxEntries} files.");
        }

        return _names.Add(name.TrimEnd('/')) ? name : throw new PackageException($"The archive has '{Shown(name)}' twice.");
    }

    private static void CheckLayout(byte[] json)
    {
        string? version = JsonSerializer.Deserialize(json, ArchiveJson.Default.OciLayout)?.ImageLayoutVersion;
        if (version?.StartsWith("1.", StringComparison.Ordinal) != true)
        {
            throw new PackageException($"The archive's image layout has version '{Shown(version ?? string.Empty)}'; only {ArchiveNames.LayoutVersion} is known.");
        }
    }

    private static async Task<byte[]> ReadSmallAsync(TarEntry entry, int limit, CancellationToken cancellationToken)
    {
        if (entry.Length > limit)
        {
            throw new PackageException($"The archive's '{Shown(entry.Name)}' has {entry.Length} bytes; more than {limit} are not read.");
        }

        using MemoryStream bytes = new((int)entry.Length);
        if (entry.DataStream is Stream content)
        {
            await content.CopyToAsync(bytes, cancellationToken);
        }

        return bytes.Length == entry.Length ? bytes.ToArray() : throw new PackageException($"The archive ends in its '{Shown(entry.Name)}'.");
    }

    private async Task ReadBlobAsync(TarEntry entry, Digest digest, CancellationToken cancellationToken)
    {
        long? expected = _expected.SizeOf(digest);
        if (expected is null && _expected.IsComplete)
        {
            return;
        }

        if (expected is long size && size != entry.Length)
        {
            throw new PackageException($"The archive's content {digest} has {entry.Length} bytes, but {size} are said of it.");
        }

        long free = files.FreeBytes(blobs.PartialFolder);
        if (entry.Length > free)
        {
            throw new PackageException($"The archive says that its content {digest} has {entry.Length} bytes, but {free} are free on the store's drive.");
        }

        progress?.Report($"Reading {digest.Abbreviated} ({entry.Length} bytes)");
        ReceivedContent content = await blobs.ReceiveAsync(entry.DataStream ?? Stream.Null, cancellationToken: cancellationToken);
        _contents.Add(digest, content);
        if (content.Length != entry.Length)
        {
            throw new PackageException($"The archive ends in its content {digest}, after {content.Length} of {entry.Length} bytes.");
        }

        if (content.Digest != digest)
        {
            throw new PackageException($"The archive's content {digest} is broken: it is {content.Digest}.");
        }

        if (_expected.IsManifest(digest))
        {
            _expected.AddManifest(digest, StoreFiles.ReadWhole(content.Path, Manifest.MaxBytes));
        }
    }

    private IReadOnlyList<ArchivedModel> Resolve()
    {
        // Those that came before the index.
        foreach (Digest digest in _expected.MissingManifests())
        {
            _expected.AddManifest(digest, _contents.TryGetValue(digest, out ReceivedContent? content)
                ? StoreFiles.ReadWhole(content.Path, Manifest.MaxBytes)
                : throw new PackageException($"The archive names the manifest {digest}, which is not in it."));
        }

        IReadOnlyList<ArchivedModel> models = _expected.Models();
        foreach (Manifest manifest in models.Select(model => model.Manifest).DistinctBy(manifest => manifest.Digest))
        {
            ModelInterpreter.Check(manifest);
            foreach (Descriptor blob in manifest.Blobs)
            {
                CheckPresent(blob);
            }

            byte[] config = _contents.TryGetValue(manifest.Config.Digest, out ReceivedContent? content)
                ? StoreFiles.ReadWhole(content.Path, ConfigReader.MaxBytes)
                : blobs.ReadAll(manifest.Config.Digest, ConfigReader.MaxBytes);
            ModelInterpreter.ReadFacts(manifest, config);
        }

        return models;
    }

    private void CheckPresent(Descriptor blob)
    {
        long length = _contents.TryGetValue(blob.Digest, out ReceivedContent? content) ? content.Length
            : blobs.TryLocate(blob.Digest, out string path) ? new FileInfo(path).Length
            : throw new PackageException($"The archive ends without the content {blob.Digest} ({blob.MediaType}, {blob.Size} bytes), which its manifest names.");
        if (length != blob.Size)
        {
            throw new PackageException($"The content {blob.Digest} has {length} bytes, but the archive's manifest says {blob.Size}.");
        }
    }

    private static string Shown(string name) => name.Length > 200 ? name[..200] + "..." : name;
}
