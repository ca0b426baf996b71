using Hearth.Store.References;

namespace Hearth.Store.Storage;

/// <summary>A content that is written and flushed, but has not got its place among the others; without <see cref="Commit"/> it goes.</summary>
internal sealed class ReceivedContent(BlobStore blobs, StoreFiles files, string path, Digest digest, long length) : IDisposable
{
    private bool _committed;

    /// <summary>Its file until then.</summary>
    public string Path => path;

    /// <summary>What it is.</summary>
    public Digest Digest => digest;

    /// <summary>Its bytes.</summary>
    public long Length => length;

    /// <summary>Gives it its place.</summary>
    /// <exception cref="StoreException">It cannot be moved there.</exception>
    public void Commit()
    {
        blobs.Commit(path, digest);
        _committed = true;
    }

    public void Dispose()
    {
        if (!_committed)
        {
            files.TryDelete(path);
        }
    }
}
