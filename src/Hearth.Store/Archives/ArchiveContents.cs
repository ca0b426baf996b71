using System.Text.Json;
using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.References;

namespace Hearth.Store.Archives;

/// <summary>What an archive says that it has, as far as it has been read.</summary>
internal sealed class ArchiveContents(string defaultRegistry)
{
    private const int MaxModels = 1_000;
    private const int MaxManifestBytes = 64 * 1024 * 1024;
    private readonly Dictionary<Digest, long> _sizes = [];
    private readonly Dictionary<Digest, Manifest> _manifests = [];
    private List<(Digest Id, ModelReference? Reference)>? _index;
    private Manifest? _dockerManifest;
    private long _manifestBytes;

    /// <summary>Whether everything that it names is known, so that the rest is not needed.</summary>
    public bool IsComplete => _index is not null && _index.All(named => _manifests.ContainsKey(named.Id));

    /// <summary>Bytes that are said of a content; null where nothing is said yet.</summary>
    public long? SizeOf(Digest digest) => _sizes.TryGetValue(digest, out long size) ? size : null;

    /// <summary>Whether a content is known to be a manifest.</summary>
    public bool IsManifest(Digest digest) => _index is not null && _index.Any(named => named.Id == digest);

    /// <summary>Manifests that are named and have not been read.</summary>
    public IReadOnlyList<Digest> MissingManifests() => [.. (_index ?? []).Select(named => named.Id).Where(id => !_manifests.ContainsKey(id)).Distinct()];

    /// <summary>Reads the index of an image layout.</summary>
    /// <exception cref="PackageException">It is not one.</exception>
    public void ReadIndex(ReadOnlySpan<byte> json)
    {
        IReadOnlyList<OciIndexEntry> entries = JsonSerializer.Deserialize(json, ArchiveJson.Default.OciIndex)?.Manifests
            ?? throw new PackageException($"The archive's {ArchiveNames.Index} names no manifests.");
        if (entries.Count > MaxModels)
        {
            throw new PackageException($"The archive names {entries.Count} models; more than {MaxModels} are not taken at once.");
        }

        _index = [];
        foreach (OciIndexEntry? entry in entries)
        {
            if (entry is null || !Digest.TryParse(entry.Digest, out Digest digest) || entry.Size is < 0 or > Manifest.MaxBytes)
            {
                throw new PackageException($"The archive's {ArchiveNames.Index} names a manifest without a digest, or with more than {Manifest.MaxBytes} bytes.");
            }

            ModelReference? reference = ReadReference(entry.Annotations);
            if (reference?.Digest is Digest named && named != digest)
            {
                throw new PackageException($"The archive calls {digest} '{reference}'.");
            }

            Expect(digest, entry.Size);
            _index.Add((digest, reference));
        }
    }

    /// <summary>Reads the manifest that Docker Model Runner puts beside the contents. Docker puts a list of images there, which is none.</summary>
    /// <exception cref="ManifestException">It is broken.</exception>
    public void ReadDockerManifest(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            _dockerManifest = Manifest.Read(json);
            Expect(_dockerManifest);
        }
    }

    /// <summary>Adds a manifest that the index names.</summary>
    /// <exception cref="ManifestException">It is broken.</exception>
    /// <exception cref="PackageException">They are too many.</exception>
    public void AddManifest(Digest digest, ReadOnlyMemory<byte> json)
    {
        _manifestBytes += json.Length;
        if (_manifestBytes > MaxManifestBytes)
        {
            throw new PackageException($"The archive's manifests have more than {MaxManifestBytes} bytes.");
        }

        Expect(digest, json.Length);
        Manifest manifest = Manifest.Read(json);
        _manifests[digest] = manifest;
        Expect(manifest);
    }

    /// <summary>The models, when everything has been read.</summary>
    /// <exception cref="PackageException">There are none.</exception>
    public IReadOnlyList<ArchivedModel> Models()
    {
        ArchivedModel[] models = _index is not null ? [.. _index.Select(named => new ArchivedModel(_manifests[named.Id], named.Reference))]
            : _dockerManifest is not null ? [new ArchivedModel(_dockerManifest, null)]
            : [];
        return models.Length > 0
            ? models
            : throw new PackageException(
                $"The archive has no model; there must be an {ArchiveNames.Index} (OCI image layout), or a {ArchiveNames.DockerManifest} with one manifest (Docker Model Runner).");
    }

    private ModelReference? ReadReference(IReadOnlyDictionary<string, string>? annotations)
    {
        string? name = annotations?.GetValueOrDefault(ArchiveNames.NameAnnotation) ?? annotations?.GetValueOrDefault(ArchiveNames.TagAnnotation);
        try
        {
            // A tag alone names nothing.
            return name is not null && name.AsSpan().ContainsAny('/', ':') ? ModelReference.Parse(name, defaultRegistry) : null;
        }
        catch (ReferenceException)
        {
            return null;
        }
    }

    private void Expect(Manifest manifest)
    {
        foreach (Descriptor blob in manifest.Blobs)
        {
            Expect(blob.Digest, blob.Size);
        }
    }

    private void Expect(Digest digest, long size)
    {
        if (!_sizes.TryAdd(digest, size) && _sizes[digest] != size)
        {
            throw new PackageException($"The archive says of {digest} that it has {size} bytes, and that it has {_sizes[digest]}.");
        }
    }
}

/// <summary>A model of an archive.</summary>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Reference">Its reference; null without one.</param>
internal sealed record ArchivedModel(Manifest Manifest, ModelReference? Reference);
