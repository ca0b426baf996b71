using System.Security.Cryptography;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Store.Packaging;

/// <summary>Takes files into the store, as they are.</summary>
/// <param name="blobs">Where they go.</param>
internal sealed class FileIntake(BlobStore blobs)
{
    /// <summary>Bytes that a template or a licence may have; longer ones are not read when the model is opened.</summary>
    public const int MaxTextBytes = 1024 * 1024;

    private const int BufferBytes = 1 << 20;

    /// <summary>A file that is there and has something in it.</summary>
    /// <exception cref="PackageException">It is missing, empty or a folder.</exception>
    public static FileInfo Find(string path, string what)
    {
        if (path.Length == 0 || path.Contains('\0'))
        {
            throw new PackageException($"'{path}' is no path of {what}.");
        }

        FileInfo file = new(Path.GetFullPath(path));
        return Directory.Exists(file.FullName) ? throw new PackageException($"'{path}' is a folder; {what} is a file.")
            : !file.Exists ? throw new PackageException($"There is no file '{path}' for {what}.")
            : file.Length == 0 ? throw new PackageException($"The file '{path}' for {what} is empty.")
            : file;
    }

    /// <summary>A file with a text.</summary>
    /// <exception cref="PackageException">It is missing, empty, a folder or too long.</exception>
    public static FileInfo FindText(string path, string what) => Find(path, what) is { Length: <= MaxTextBytes } file
        ? file
        : throw new PackageException($"The file '{path}' for {what} has more than {MaxTextBytes} bytes.");

    /// <summary>Adds a file, or points to where it is.</summary>
    /// <exception cref="PackageException">It cannot be read.</exception>
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public async Task<(Digest Digest, long Length)> AddAsync(FileInfo file, bool link, CancellationToken cancellationToken)
    {
        using FileStream content = Open(file);
        if (!link)
        {
            return await blobs.AddAsync(content, expected: null, progress: null, cancellationToken);
        }

        Digest digest = Digest.FromHash(await SHA256.HashDataAsync(content, cancellationToken));
        if (!blobs.Contains(digest))
        {
            blobs.Link(digest, file.FullName);
        }

        return (digest, content.Length);
    }

    private static FileStream Open(FileInfo file)
    {
        try
        {
            return new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackageException($"The file '{file.FullName}' cannot be read: {exception.Message}", exception);
        }
    }
}
