using System.Formats.Tar;
using System.Text.Json;
using Hearth.Store.Manifests;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Archives;

/// <summary>Writes models as a tar of an OCI image layout. The same models give the same bytes.</summary>
internal sealed class ArchiveWriter(Catalog catalog, BlobStore blobs)
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const int SchemaVersion = 2;
    private const int BufferBytes = 1 << 20;

    /// <summary>Writes models.</summary>
    /// <exception cref="StoreException">A content is missing, or is not what it should be.</exception>
    public async Task WriteAsync(IReadOnlyList<StoredModel> models, Stream archive, CancellationToken cancellationToken)
    {
        (StoredModel Model, Manifest Manifest)[] saved =
        [
            .. models.DistinctBy(model => model.Id).OrderBy(model => model.Id.Hex, StringComparer.Ordinal).Select(model => (model, catalog.ReadManifest(model.Id))),
        ];
        OciIndex index = new(SchemaVersion, MediaTypes.OciIndex, [.. saved.SelectMany(one => Describe(one.Model, one.Manifest))]);
        (Digest Digest, string Path)[] contents =
        [
            .. saved.SelectMany(one => one.Manifest.Blobs).DistinctBy(blob => blob.Digest).OrderBy(blob => blob.Digest.Hex, StringComparer.Ordinal).Select(Find),
        ];

        // Gnu's format, for the one of POSIX has the process's ID in it.
        await using TarWriter writer = new(archive, TarEntryFormat.Gnu, leaveOpen: true);

        // What names the contents comes first, so that whoever reads it knows what to expect.
        byte[] layout = JsonSerializer.SerializeToUtf8Bytes(new OciLayout(ArchiveNames.LayoutVersion), ArchiveJson.Default.OciLayout);
        await WriteAsync(writer, ArchiveNames.Layout, new MemoryStream(layout), cancellationToken);
        await WriteAsync(writer, ArchiveNames.Index, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(index, ArchiveJson.Default.OciIndex)), cancellationToken);
        foreach ((_, Manifest manifest) in saved)
        {
            await WriteAsync(writer, ArchiveNames.OfBlob(manifest.Digest), new MemoryStream(manifest.Bytes.ToArray()), cancellationToken);
        }

        foreach ((Digest digest, string path) in contents)
        {
            FileStream content = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferBytes, FileOptions.SequentialScan);
            await WriteAsync(writer, ArchiveNames.OfBlob(digest), content, cancellationToken);
        }
    }

    private static IEnumerable<OciIndexEntry> Describe(StoredModel model, Manifest manifest)
    {
        IEnumerable<Dictionary<string, string>?> names =
            model.References.OrderBy(reference => reference.ToString(), StringComparer.Ordinal).Select(Annotate).DefaultIfEmpty();
        return names.Select(name => new OciIndexEntry(manifest.MediaType, manifest.Digest.ToString(), manifest.Bytes.Length, manifest.ArtifactType, name));
    }

    private static Dictionary<string, string> Annotate(ModelReference reference)
    {
        Dictionary<string, string> annotations = new() { [ArchiveNames.NameAnnotation] = reference.ToString() };
        if (reference.Digest is null)
        {
            annotations[ArchiveNames.TagAnnotation] = reference.Tag ?? ModelReference.DefaultTag;
        }

        return annotations;
    }

    private static async Task WriteAsync(TarWriter writer, string name, Stream content, CancellationToken cancellationToken)
    {
        await using (content)
        {
            GnuTarEntry entry = new(TarEntryType.RegularFile, name) { Mode = Mode, ModificationTime = DateTimeOffset.UnixEpoch, DataStream = content };
            await writer.WriteEntryAsync(entry, cancellationToken);
        }
    }

    private (Digest, string) Find(Descriptor blob)
    {
        string path = blobs.Locate(blob.Digest);
        long length = new FileInfo(path).Length;
        return length == blob.Size
            ? (blob.Digest, path)
            : throw new StoreException(
                StoreErrorKind.Corrupt, $"The content {blob.Digest} has {length} bytes instead of {blob.Size}; 'hearth verify --repair' removes it, and the next pull fetches it.");
    }
}
