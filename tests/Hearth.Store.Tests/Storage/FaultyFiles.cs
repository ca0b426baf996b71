using Microsoft.Win32.SafeHandles;

namespace Hearth.Store.Tests.Storage;

/// <summary>Files whose Nth change fails, half done where it is a write.</summary>
/// <param name="failAt">Which change fails, from 1 on.</param>
/// <param name="forGood">Whether all that follow fail as well, as after a kill.</param>
internal sealed class FaultyFiles(int failAt, bool forGood) : UnflushedFiles
{
    public const int NoSpace = 28;
    private int _changes;

    /// <summary>Whether it has come to that.</summary>
    public bool HasFailed => _changes >= failAt;

    public override SafeFileHandle Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        Step(path);
        return base.Open(path, mode, access, share);
    }

    public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            Step("a file");
        }
        catch (IOException)
        {
            base.Write(file, bytes[..(bytes.Length / 2)], offset);
            throw;
        }

        base.Write(file, bytes, offset);
    }

    public override void SetLength(SafeFileHandle file, long length)
    {
        Step("a file");
        base.SetLength(file, length);
    }

    public override void Flush(SafeFileHandle file)
    {
        Step("a file");
        base.Flush(file);
    }

    public override void Rename(string from, string to)
    {
        Step(to);
        base.Rename(from, to);
    }

    public override void Delete(string path)
    {
        Step(path);
        base.Delete(path);
    }

    public override void CreateFolder(string path)
    {
        Step(path);
        base.CreateFolder(path);
    }

    private void Step(string path)
    {
        int change = Interlocked.Increment(ref _changes);
        if (change == failAt || (forGood && change > failAt))
        {
            throw new IOException($"No space left on device : '{path}'", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : NoSpace);
        }
    }
}
