using Microsoft.Win32.SafeHandles;

namespace Hearth.Store.Storage;

/// <summary>Everything that changes files of the store, so that tests can let any of it fail.</summary>
internal class StoreFiles
{
    /// <summary>What the names of files that are being written end with.</summary>
    public const string TemporaryEnd = ".tmp";

    public virtual SafeFileHandle Open(string path, FileMode mode, FileAccess access, FileShare share) => File.OpenHandle(path, mode, access, share);

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    public virtual void SetLength(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    /// <summary>Returns when everything written is on the drive.</summary>
    public virtual void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public virtual void Delete(string path) => File.Delete(path);

    public virtual void CreateFolder(string path) => Directory.CreateDirectory(path);

    /// <summary>Bytes that are free on the drive of a path, which need not be there yet; the largest number where that cannot be told.</summary>
    public virtual long FreeBytes(string path)
    {
        string? existing = Path.GetFullPath(path);
        while (existing is not null && !Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing);
        }

        try
        {
            return existing is null ? long.MaxValue : new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return long.MaxValue;
        }
    }

    /// <summary>Reads a small file, which others may replace or remove meanwhile.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Bytes that it may have.</param>
    /// <exception cref="InvalidDataException">It has more.</exception>
    public static byte[] ReadWhole(string path, int limit)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        long length = RandomAccess.GetLength(file);
        if (length > limit)
        {
            throw new InvalidDataException($"'{path}' has {length} bytes; more than {limit} are not read.");
        }

        byte[] bytes = new byte[length];
        int read = 0;
        for (int count; read < bytes.Length && (count = RandomAccess.Read(file, bytes.AsSpan(read), read)) > 0;)
        {
            read += count;
        }

        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>Removes what is not needed any more, and what may stay where that fails.</summary>
    public bool TryDelete(string path)
    {
        try
        {
            Delete(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Writes a file so that, whatever happens, either the old one or the new one is there, as a whole.</summary>
    /// <exception cref="StoreException">It cannot be written.</exception>
    public void WriteWhole(string path, ReadOnlySpan<byte> bytes)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}{TemporaryEnd}";
        try
        {
            CreateFolder(Path.GetDirectoryName(path)!);
            using (SafeFileHandle file = Open(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                Write(file, bytes, 0);
                Flush(file);
            }

            Rename(temporary, path);
        }
        catch (Exception exception)
        {
            TryDelete(temporary);
            if (StoreErrors.Translate(exception, path, this, bytes.Length) is StoreException error)
            {
                throw error;
            }

            throw;
        }
    }
}
