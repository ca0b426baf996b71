using Hearth.Store.References;

namespace Hearth.Store.Storage;

/// <summary>Removes what no model uses. Whoever runs it holds the store's lock alone.</summary>
internal sealed class Sweep(string folder, Catalog catalog, BlobStore blobs, StoreFiles files)
{
    private const int HexDigits = 64;
    private readonly List<Digest> _removed = [];

    /// <summary>The manifests and contents that are gone.</summary>
    public IReadOnlyList<Digest> Removed => _removed;

    /// <summary>Contents among them.</summary>
    public int Contents { get; private set; }

    /// <summary>Bytes that are free now.</summary>
    public long FreedBytes { get; private set; }

    /// <summary>Removes manifests, and what only they use.</summary>
    /// <exception cref="StoreException">A file cannot be removed, or it cannot be told what is used.</exception>
    public void Run(IReadOnlyList<Digest> manifests)
    {
        (HashSet<Digest> usedManifests, HashSet<Digest> usedContents) = FindUsed();
        Digest[] unused = [.. manifests.Where(id => !usedManifests.Contains(id))];
        HashSet<Digest> contents = [.. unused.SelectMany(ContentsOf).Where(digest => !usedContents.Contains(digest))];

        // Manifests first: one that is there has all its contents, also when this is broken off.
        unused.ToList().ForEach(RemoveManifest);
        contents.ToList().ForEach(RemoveContent);
    }

    /// <summary>Removes everything that no model uses.</summary>
    /// <exception cref="StoreException">A file cannot be removed, or it cannot be told what is used.</exception>
    public void RunAll()
    {
        (HashSet<Digest> usedManifests, HashSet<Digest> usedContents) = FindUsed();
        catalog.ManifestIds().Where(id => !usedManifests.Contains(id)).ToList().ForEach(RemoveManifest);
        Catalog.EnumerateDigests(blobs.BlobFolder).Concat(Catalog.EnumerateDigests(blobs.LinkFolder)).Distinct()
            .Where(digest => !usedContents.Contains(digest)).ToList().ForEach(RemoveContent);
    }

    /// <summary>Removes downloads that were broken off, and files whose writing was.</summary>
    /// <returns>The downloads.</returns>
    /// <exception cref="StoreException">A file cannot be removed.</exception>
    public int RemovePartials()
    {
        string[] partials = [.. EnumerateFiles(blobs.PartialFolder)];
        string[] temporaries =
        [
            .. new[] { catalog.ReferenceFolder, catalog.ManifestFolder, blobs.BlobFolder, blobs.LinkFolder, folder }.SelectMany(EnumerateFiles)
                .Where(path => path.EndsWith(StoreFiles.TemporaryEnd, StringComparison.Ordinal)),
        ];
        partials.Concat(temporaries).ToList().ForEach(path => Remove(path));

        // The transfer may keep several files for one content, which all begin with its digest.
        return partials.Select(Path.GetFileName).Where(name => name!.Length >= HexDigits && Digest.TryFromHex(name.AsSpan(0, HexDigits), out _))
            .Select(name => name![..HexDigits]).Distinct().Count();
    }

    private static IEnumerable<string> EnumerateFiles(string path) => Directory.Exists(path) ? Directory.EnumerateFiles(path) : [];

    private (HashSet<Digest> Manifests, HashSet<Digest> Contents) FindUsed()
    {
        List<Digest> broken = [];
        HashSet<Digest> manifests = [.. catalog.Read(broken).Select(entry => entry.Id)];

        // A reference that cannot be read may point to any of them.
        if (broken.Count > 0)
        {
            manifests.UnionWith(catalog.ManifestIds());
        }

        return (manifests, [.. manifests.SelectMany(id => catalog.ReadManifest(id).Blobs).Select(blob => blob.Digest)]);
    }

    private IEnumerable<Digest> ContentsOf(Digest id)
    {
        try
        {
            return catalog.ReadManifest(id).Blobs.Select(blob => blob.Digest);
        }
        catch (StoreException)
        {
            return [];
        }
    }

    private void RemoveManifest(Digest id)
    {
        if (Remove(catalog.ManifestPath(id)))
        {
            _removed.Add(id);
        }
    }

    private void RemoveContent(Digest digest)
    {
        bool isRemoved = Remove(Path.Combine(blobs.BlobFolder, digest.Hex));
        if (Remove(blobs.LinkPath(digest)) || isRemoved)
        {
            _removed.Add(digest);
            Contents++;
        }
    }

    private bool Remove(string path)
    {
        FileInfo file = new(path);
        if (!file.Exists)
        {
            return false;
        }

        StoreErrors.Guard(path, files, () => files.Delete(path));
        FreedBytes += file.Length;
        return true;
    }
}
