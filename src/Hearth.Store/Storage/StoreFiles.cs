using Microsoft.Win32.SafeHandles;

namespace Hearth.Store.Storage;

/// <summary>Everything that changes files of the store, so that tests can let any of it fail.</summary>
internal class StoreFiles
{
    public virtual SafeFileHandle Open(string path, FileMode mode, FileAccess access, FileShare share) => File.OpenHandle(path, mode, access, share);

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    public virtual void SetLength(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    /// <summary>Returns when everything written is on the drive.</summary>
    public virtual void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public virtual void Delete(string path) => File.Delete(path);

    public virtual void CreateFolder(string path) => Directory.CreateDirectory(path);

    /// <summary>Writes a file so that, whatever happens, either the old one or the new one is there, as a whole.</summary>
    public void WriteWhole(string path, ReadOnlySpan<byte> bytes)
    {
        CreateFolder(Path.GetDirectoryName(path)!);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (SafeFileHandle file = Open(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                Write(file, bytes, 0);
                Flush(file);
            }

            Rename(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
