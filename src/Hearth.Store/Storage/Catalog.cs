using System.Text;
using System.Text.Json;
using Hearth.Store.Manifests;
using Hearth.Store.References;

namespace Hearth.Store.Storage;

/// <summary>The references of a store and the manifests that they point to.</summary>
/// <param name="folder">The store's folder.</param>
/// <param name="files">How files are changed.</param>
internal sealed class Catalog(string folder, StoreFiles files)
{
    private const string RecordEnd = ".json";

    /// <summary>Where the files of references are.</summary>
    public string ReferenceFolder { get; } = Path.Combine(folder, "references");

    /// <summary>Where manifests are.</summary>
    public string ManifestFolder { get; } = Path.Combine(folder, "manifests", "sha256");

    /// <summary>All that can be read.</summary>
    /// <param name="broken">Gets the names of the files that cannot.</param>
    /// <exception cref="StoreException">The folder cannot be read.</exception>
    public List<CatalogEntry> Read(ICollection<Digest>? broken = null)
    {
        List<CatalogEntry> entries = [];
        foreach (string path in RecordPaths())
        {
            if (TryRead(path) is CatalogEntry entry)
            {
                entries.Add(entry);
            }
            else if (broken is not null && File.Exists(path) && Digest.TryFromHex(Path.GetFileNameWithoutExtension(path.AsSpan()), out Digest name))
            {
                broken.Add(name);
            }
        }

        return entries;
    }

    /// <summary>Points a reference to a model. A model that had it is kept without it.</summary>
    /// <param name="reference">The reference; null for a model that is kept though it has none.</param>
    /// <param name="record">The model.</param>
    /// <exception cref="StoreException">It cannot be written.</exception>
    public void Write(ModelReference? reference, ReferenceRecord record)
    {
        string path = reference is null ? RecordPath(Digest.Parse(record.Digest)) : RecordPath(reference);
        if (reference is not null && File.Exists(path) && TryRead(path) is CatalogEntry before && before.Record.Digest != record.Digest)
        {
            // Always, for another process may take away the other references of that model at this moment.
            WriteRecord(RecordPath(before.Id), before.Record with { Reference = null });
        }

        WriteRecord(path, record with { Reference = reference?.ToString() });
    }

    /// <summary>Removes a reference.</summary>
    /// <exception cref="StoreException">It cannot be removed.</exception>
    public void Delete(ModelReference reference) => Delete(RecordPath(reference));

    /// <summary>Forgets that a model is kept though it has no reference; or removes a file that cannot be read.</summary>
    /// <exception cref="StoreException">It cannot be removed.</exception>
    public void Delete(Digest name) => Delete(RecordPath(name));

    /// <summary>The file of a manifest.</summary>
    public string ManifestPath(Digest id) => Path.Combine(ManifestFolder, id.Hex);

    /// <summary>The IDs of all manifests, whether a reference points to them or not.</summary>
    public IEnumerable<Digest> ManifestIds() => EnumerateDigests(ManifestFolder);

    /// <summary>A manifest.</summary>
    /// <exception cref="StoreException">It is missing or broken.</exception>
    public Manifest ReadManifest(Digest id)
    {
        try
        {
            Manifest manifest = Manifest.Read(StoreFiles.ReadWhole(ManifestPath(id), Manifest.MaxBytes));
            return manifest.Digest == id
                ? manifest
                : throw new StoreException(StoreErrorKind.Corrupt, $"The manifest {id} is broken: it is {manifest.Digest} now. Pull the model again.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StoreException(StoreErrorKind.Missing, $"The manifest {id} is missing from the store; pull the model again.", exception);
        }
        catch (Exception exception) when (exception is ManifestException or InvalidDataException)
        {
            throw new StoreException(StoreErrorKind.Corrupt, $"The manifest {id} is broken: {exception.Message} Pull the model again.", exception);
        }
        catch (Exception exception) when (StoreErrors.Translate(exception, ManifestPath(id), files) is StoreException error)
        {
            throw error;
        }
    }

    /// <summary>Keeps a manifest.</summary>
    /// <exception cref="StoreException">It cannot be written.</exception>
    public void WriteManifest(Manifest manifest)
    {
        string path = ManifestPath(manifest.Digest);
        FileInfo file = new(path);
        if (!file.Exists || file.Length != manifest.Bytes.Length || !StoreFiles.ReadWhole(path, Manifest.MaxBytes).AsSpan().SequenceEqual(manifest.Bytes.Span))
        {
            files.WriteWhole(path, manifest.Bytes.Span);
        }
    }

    /// <summary>The digests that files of a folder are named after.</summary>
    internal static IEnumerable<Digest> EnumerateDigests(string folder)
    {
        foreach (string path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : [])
        {
            if (Digest.TryFromHex(Path.GetFileName(path.AsSpan()), out Digest digest))
            {
                yield return digest;
            }
        }
    }

    private string[] RecordPaths()
    {
        try
        {
            return Directory.Exists(ReferenceFolder) ? Directory.GetFiles(ReferenceFolder, "*" + RecordEnd) : [];
        }
        catch (Exception exception) when (StoreErrors.Translate(exception, ReferenceFolder, files) is StoreException error)
        {
            throw error;
        }
    }

    // Of the key, so that any reference is a name that every file system takes.
    private string RecordPath(ModelReference reference) => RecordPath(Digest.Of(Encoding.UTF8.GetBytes(reference.Key)));

    private string RecordPath(Digest name) => Path.Combine(ReferenceFolder, name.Hex + RecordEnd);

    private void WriteRecord(string path, ReferenceRecord record)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(record, StorageJson.Default.ReferenceRecord);
        if (bytes.Length > RecordReader.MaxBytes)
        {
            throw new ManifestException($"The config of {record.Digest} says of the model what takes {bytes.Length} bytes; more than {RecordReader.MaxBytes} are not kept.");
        }

        files.WriteWhole(path, bytes);
    }

    private void Delete(string path)
    {
        try
        {
            files.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
        }
        catch (Exception exception) when (StoreErrors.Translate(exception, path, files) is StoreException error)
        {
            throw error;
        }
    }

    private CatalogEntry? TryRead(string path)
    {
        try
        {
            ReferenceRecord record = RecordReader.ReadReference(path);
            if (!Digest.TryParse(record.Digest, out Digest id))
            {
                return null;
            }

            ModelReference? reference = record.Reference is null ? null : ModelReference.Parse(record.Reference);
            string expected = reference is null ? RecordPath(id) : RecordPath(reference);
            return Path.GetFileName(expected.AsSpan()).SequenceEqual(Path.GetFileName(path.AsSpan())) ? new CatalogEntry(reference, id, record) : null;
        }
        catch (Exception exception) when (exception is JsonException or ReferenceException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>A reference and the model that it points to.</summary>
/// <param name="Reference">The reference; null for a model that is kept though it has none.</param>
/// <param name="Id">The model.</param>
/// <param name="Record">The file.</param>
internal sealed record CatalogEntry(ModelReference? Reference, Digest Id, ReferenceRecord Record);
