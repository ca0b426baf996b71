using Hearth.Store.References;
using Microsoft.Win32.SafeHandles;

namespace Hearth.Store.Storage;

/// <summary>
/// Moves a store to another folder. Until the folder's layout says that all is there, the store is where it was; what was broken off at any
/// point is known by that layout, and begun again.
/// </summary>
/// <param name="source">The store's folder, whose lock is held alone.</param>
/// <param name="target">The other one.</param>
/// <param name="files">How files are changed.</param>
internal sealed class Mover(string source, string target, StoreFiles files)
{
    private const int BufferBytes = 1 << 20;
    private const string ReferenceFolder = "references";
    private static readonly string s_manifests = Path.Combine("manifests", "sha256");
    private static readonly string s_blobs = Path.Combine("blobs", "sha256");
    private static readonly string s_links = Path.Combine("links", "sha256");
    private static readonly string s_partial = Path.Combine("partial", "sha256");

    // References first where they are removed, so that no model is listed that is not whole.
    private static readonly string[] s_folders = [ReferenceFolder, s_manifests, s_links, s_blobs, s_partial];

    private bool _isCopied;

    /// <summary>Fails unless the target can be taken.</summary>
    /// <exception cref="StoreException">It cannot.</exception>
    public void CheckTarget()
    {
        if (IsInside(source, target) || IsInside(target, source))
        {
            throw new StoreException(StoreErrorKind.Unusable, $"Models cannot be moved from '{source}' to '{target}', for one is in the other.");
        }

        StoreLayout? layout = File.Exists(target) ? null : StoreLayout.Read(target);
        _isCopied = layout?.MovedFrom == source;
        if (!_isCopied && layout is not ({ MovedTo: not null } or { MovingFrom: not null }) && !IsEmpty(target))
        {
            throw new StoreException(StoreErrorKind.Unusable, $"'{target}' is not empty; models are moved to an empty or a new folder.");
        }
    }

    /// <summary>Copies everything and verifies the copies.</summary>
    /// <param name="progress">Is told bytes that are done and bytes in all.</param>
    /// <param name="cancellationToken">Ends it; what was copied is removed by <see cref="RemoveCopies"/>.</param>
    /// <exception cref="StoreException">There is not enough room, a file cannot be copied, or it is broken.</exception>
    public void Copy(IProgress<(long Done, long Total)>? progress, CancellationToken cancellationToken)
    {
        // Else it has all been copied before, and nothing of it may be lost.
        if (!_isCopied)
        {
            Clear(target);
            new StoreLayout(StoreLayout.Current.Version, MovingFrom: source).Write(target, files);
        }

        string[] missing = [.. s_folders.SelectMany(folder => EnumerateFiles(source, folder)).Where(path => !_isCopied || !File.Exists(Path.Combine(target, path)))];
        long total = missing.Sum(path => new FileInfo(Path.Combine(source, path)).Length);
        StoreErrors.RequireRoom(target, files, total);
        long done = 0;
        foreach (string path in missing)
        {
            string copy = Path.Combine(target, path);
            CopyFile(Path.Combine(source, path), copy + StoreFiles.TemporaryEnd, bytes => progress?.Report((done += bytes, total)), cancellationToken);
            Verify(path, copy + StoreFiles.TemporaryEnd, cancellationToken);
            StoreErrors.Guard(copy, files, () => files.Rename(copy + StoreFiles.TemporaryEnd, copy));
        }

        new StoreLayout(StoreLayout.Current.Version, MovedFrom: source).Write(target, files);
    }

    /// <summary>Removes what was copied, as far as that goes.</summary>
    public void RemoveCopies(bool folderWasThere)
    {
        if (_isCopied)
        {
            return;
        }

        s_folders.SelectMany(folder => EnumerateFiles(target, folder, temporaries: true)).ToList().ForEach(path => files.TryDelete(Path.Combine(target, path)));
        foreach (string folder in s_folders.SelectMany(folder => new[] { folder, Path.GetDirectoryName(folder)! }).Where(folder => folder.Length > 0))
        {
            TryRemoveFolder(Path.Combine(target, folder));
        }

        if (!s_folders.Any(folder => Directory.Exists(Path.Combine(target, folder))))
        {
            files.TryDelete(Path.Combine(target, StoreLayout.FileName));
            files.TryDelete(StoreLock.PathIn(target));
            if (!folderWasThere)
            {
                TryRemoveFolder(target);
            }
        }
    }

    /// <summary>Removes what has been moved, and leaves word of where it is.</summary>
    /// <exception cref="StoreException">It cannot be removed.</exception>
    public void RemoveOriginals()
    {
        new StoreLayout(StoreLayout.Current.Version, MovedTo: target).Write(source, files);
        Clear(source);
        StoreLayout.Current.Write(target, files);
    }

    private static bool IsEmpty(string path) => !File.Exists(path)
        && (!Directory.Exists(path) || Directory.EnumerateFileSystemEntries(path).All(entry => entry == StoreLock.PathIn(path) || IsLayoutThatWasNotWritten(entry)));

    private static bool IsLayoutThatWasNotWritten(string path) =>
        Path.GetFileName(path).StartsWith(StoreLayout.FileName, StringComparison.Ordinal) && path.EndsWith(StoreFiles.TemporaryEnd, StringComparison.Ordinal);

    private static bool IsInside(string path, string folder) =>
        (Path.TrimEndingDirectorySeparator(path) + Path.DirectorySeparatorChar).StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static IEnumerable<string> EnumerateFiles(string root, string folder, bool temporaries = false) =>
        Directory.Exists(Path.Combine(root, folder))
            ? Directory.EnumerateFiles(Path.Combine(root, folder)).Where(path => temporaries || !path.EndsWith(StoreFiles.TemporaryEnd, StringComparison.Ordinal))
                .Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal)
            : [];

    private static void TryRemoveFolder(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is not empty, or not ours; then it stays.
        }
    }

    private static void Verify(string relative, string copy, CancellationToken cancellationToken)
    {
        string? folder = Path.GetDirectoryName(relative);
        if ((folder == s_blobs || folder == s_manifests) && Digest.TryFromHex(Path.GetFileName(relative.AsSpan()), out Digest digest)
            && !Verifier.IsSound(copy, digest, cancellationToken))
        {
            throw new StoreException(StoreErrorKind.Corrupt, $"The copy of {digest} is not what it should be; 'hearth verify' says whether it is broken here already, and removes it with --repair.");
        }
    }

    private void Clear(string root)
    {
        foreach (string path in s_folders.SelectMany(folder => EnumerateFiles(root, folder, temporaries: true)))
        {
            string file = Path.Combine(root, path);
            StoreErrors.Guard(file, files, () => files.Delete(file));
        }

        foreach (string folder in s_folders.SelectMany(folder => new[] { folder, Path.GetDirectoryName(folder)! }).Where(folder => folder.Length > 0))
        {
            TryRemoveFolder(Path.Combine(root, folder));
        }
    }

    private void CopyFile(string from, string to, Action<long> progress, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferBytes];
        long offset = 0;
        try
        {
            files.CreateFolder(Path.GetDirectoryName(to)!);
            using SafeFileHandle original = File.OpenHandle(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            using SafeFileHandle copy = files.Open(to, FileMode.Create, FileAccess.Write, FileShare.None);
            for (int read; (read = RandomAccess.Read(original, buffer, offset)) > 0; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                files.Write(copy, buffer.AsSpan(0, read), offset);
                progress(read);
            }

            files.Flush(copy);
        }
        catch (Exception exception) when (StoreErrors.Translate(exception, to, files, offset) is StoreException error)
        {
            throw error;
        }
    }
}
