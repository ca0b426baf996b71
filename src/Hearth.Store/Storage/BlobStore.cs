using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Hearth.Store.References;
using Microsoft.Win32.SafeHandles;

namespace Hearth.Store.Storage;

/// <summary>Contents by their digests: files of the store, and files of other programs that the store only points to.</summary>
/// <param name="folder">The store's folder.</param>
/// <param name="files">How files are changed.</param>
internal sealed class BlobStore(string folder, StoreFiles files)
{
    private const int BufferBytes = 1 << 20;
    private const int MaxLinkBytes = 64 * 1024;

    /// <summary>Where contents are.</summary>
    public string BlobFolder { get; } = Path.Combine(folder, "blobs", "sha256");

    /// <summary>Where pointers to other programs' files are.</summary>
    public string LinkFolder { get; } = Path.Combine(folder, "links", "sha256");

    /// <summary>Where contents are until they are whole.</summary>
    public string PartialFolder { get; } = Path.Combine(folder, "partial", "sha256");

    /// <summary>Whether a content is there.</summary>
    public bool Contains(Digest digest) => TryLocate(digest, out _);

    /// <summary>Finds the file of a content.</summary>
    /// <param name="digest">The content.</param>
    /// <param name="path">Its file.</param>
    public bool TryLocate(Digest digest, out string path)
    {
        path = Path.Combine(BlobFolder, digest.Hex);
        return File.Exists(path) || TryFollowLink(digest, out path);
    }

    /// <summary>The file of a content.</summary>
    /// <exception cref="StoreException">It is not there.</exception>
    public string Locate(Digest digest) => TryLocate(digest, out string path)
        ? path
        : throw new StoreException(StoreErrorKind.Missing, File.Exists(LinkPath(digest))
            ? $"The file that {digest} was linked to has gone or changed since; pull or import the model again."
            : $"The content {digest} is missing from the store; pull the model again.");

    /// <summary>A small content.</summary>
    /// <param name="digest">The content.</param>
    /// <param name="limit">Bytes that it may have.</param>
    /// <exception cref="StoreException">It is not there, or has more.</exception>
    public byte[] ReadAll(Digest digest, int limit)
    {
        string path = Locate(digest);
        return new FileInfo(path).Length <= limit
            ? File.ReadAllBytes(path)
            : throw new StoreException(StoreErrorKind.Corrupt, $"The content {digest} has more than the {limit} bytes that one of its kind may have.");
    }

    /// <summary>Adds a small content.</summary>
    public Digest Add(ReadOnlySpan<byte> content)
    {
        Digest digest = Digest.Of(content);
        if (!Contains(digest))
        {
            files.WriteWhole(Path.Combine(BlobFolder, digest.Hex), content);
        }

        return digest;
    }

    /// <summary>Adds a content that is read once.</summary>
    /// <param name="content">The content.</param>
    /// <param name="expected">What it must be; null for whatever it is.</param>
    /// <param name="progress">Is told the bytes so far.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    /// <exception cref="StoreException">It is something else, or cannot be written.</exception>
    public async Task<(Digest Digest, long Length)> AddAsync(Stream content, Digest? expected = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        using ReceivedContent received = await ReceiveAsync(content, progress, cancellationToken);
        if (expected is Digest wanted && wanted != received.Digest)
        {
            throw new StoreException(StoreErrorKind.Corrupt, $"The content is {received.Digest}, but should be {wanted}.");
        }

        received.Commit();
        return (received.Digest, received.Length);
    }

    /// <summary>Writes a content that is read once, without giving it its place yet.</summary>
    /// <param name="content">The content.</param>
    /// <param name="progress">Is told the bytes so far.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    /// <exception cref="StoreException">It cannot be written.</exception>
    public async Task<ReceivedContent> ReceiveAsync(Stream content, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        string temporary = Path.Combine(PartialFolder, $"{Guid.NewGuid():N}{StoreFiles.TemporaryEnd}");
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long length = 0;
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using (SafeFileHandle file = OpenTemporary(temporary))
            {
                for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0; length += read)
                {
                    Write(file, temporary, buffer.AsSpan(0, read), length);
                    hash.AppendData(buffer, 0, read);
                    progress?.Report(length + read);
                }

                StoreErrors.Guard(temporary, files, () => files.Flush(file), length);
            }

            return new ReceivedContent(this, files, temporary, Digest.FromHash(hash.GetHashAndReset()), length);
        }
        catch
        {
            files.TryDelete(temporary);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Gives a file that is whole, verified and flushed its place.</summary>
    /// <param name="temporary">The file, on the store's drive; it is gone afterwards.</param>
    /// <param name="digest">What it is.</param>
    /// <exception cref="StoreException">It cannot be moved there.</exception>
    public void Commit(string temporary, Digest digest)
    {
        string path = Path.Combine(BlobFolder, digest.Hex);
        try
        {
            files.CreateFolder(BlobFolder);
            files.Rename(temporary, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Windows does not replace a file that is in use, and there is no need to.
            if (!HasSameLength(temporary, path))
            {
                throw StoreErrors.Translate(exception, path, files)!;
            }

            files.TryDelete(temporary);
        }
    }

    /// <summary>Points to a file of another program, which stays where it is.</summary>
    /// <param name="digest">What the file is.</param>
    /// <param name="path">The file.</param>
    public void Link(Digest digest, string path)
    {
        FileInfo file = new(Path.GetFullPath(path));
        BlobLink link = new(file.FullName, file.Length, file.LastWriteTimeUtc.Ticks);
        files.WriteWhole(LinkPath(digest), JsonSerializer.SerializeToUtf8Bytes(link, StorageJson.Default.BlobLink));
    }

    /// <summary>The pointer to another program's file.</summary>
    public string LinkPath(Digest digest) => Path.Combine(LinkFolder, digest.Hex);

    private static bool HasSameLength(string temporary, string path) =>
        new FileInfo(path) is { Exists: true } there && new FileInfo(temporary) is { Exists: true } whole && there.Length == whole.Length;

    private bool TryFollowLink(Digest digest, out string path)
    {
        path = string.Empty;
        string pointer = LinkPath(digest);
        if (!File.Exists(pointer))
        {
            return false;
        }

        BlobLink? link;
        try
        {
            link = JsonSerializer.Deserialize(StoreFiles.ReadWhole(pointer, MaxLinkBytes), StorageJson.Default.BlobLink);
        }
        catch (Exception exception) when (exception is JsonException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return false;
        }

        if (!File.Exists(link?.Path) || new FileInfo(link.Path) is not { } file || file.Length != link.Length || file.LastWriteTimeUtc.Ticks != link.WrittenTicks)
        {
            return false;
        }

        path = link.Path;
        return true;
    }

    private SafeFileHandle OpenTemporary(string path)
    {
        SafeFileHandle? file = null;
        StoreErrors.Guard(path, files, () =>
        {
            files.CreateFolder(PartialFolder);
            file = files.Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        });
        return file!;
    }

    private void Write(SafeFileHandle file, string path, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            files.Write(file, bytes, offset);
        }
        catch (Exception exception) when (StoreErrors.Translate(exception, path, files, bytes.Length) is StoreException error)
        {
            throw error;
        }
    }
}

/// <summary>A pointer to a file of another program, with what shows that it is still the same.</summary>
internal sealed record BlobLink(string Path, long Length, long WrittenTicks);
