namespace Hearth.Server.Settings;

/// <summary>A small file of this user's Hearth, which nobody else may read: writers of several processes take turns, and it is replaced as a whole.</summary>
/// <param name="path">The file, which need not be there.</param>
internal sealed class OwnedFile(string path)
{
    private const string TemporaryEnd = ".tmp";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(20);

    /// <summary>The file.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Changes whenever the file does.</summary>
    public (long Length, DateTime Written) Stamp => new FileInfo(Path) is { Exists: true } file ? (file.Length, file.LastWriteTimeUtc) : default;

    /// <summary>Keeps other writers out until it is disposed. What a writer has left behind that was killed goes.</summary>
    /// <exception cref="IOException">Another one has not let go.</exception>
    public FileStream TakeTurn()
    {
        CreateFolder(System.IO.Path.GetDirectoryName(Path)!);
        string file = Path + ".lock";
        DateTime end = DateTime.UtcNow + s_patience;
        while (true)
        {
            try
            {
                FileStream turn = new(file, ForUser(new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 1 }));
                RemoveLeftovers();
                return turn;
            }
            catch (IOException exception) when (File.Exists(file))
            {
                if (DateTime.UtcNow > end)
                {
                    throw new IOException($"Another program has held '{file}' for {s_patience.TotalSeconds} s; nothing was changed.", exception);
                }

                Thread.Sleep(s_retry);
            }
        }
    }

    /// <summary>Makes a folder that only this user may look into; one that is there stays as it is.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Says of a file that is made that only this user may read it.</summary>
    public static FileStreamOptions ForUser(FileStreamOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    /// <summary>The file's bytes; null when it is not there.</summary>
    /// <exception cref="SettingsFileException">It cannot be read, or is larger than such a file can be.</exception>
    public byte[]? Read()
    {
        const int MaxBytes = 16 << 20;
        try
        {
            return new FileInfo(Path) is not { Exists: true } file ? null
                : file.Length <= MaxBytes ? File.ReadAllBytes(Path)
                : throw new SettingsFileException(Path, $"has more than {MaxBytes >> 20} MiB");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsFileException(Path, $"cannot be read: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    /// <summary>Replaces the file.</summary>
    /// <param name="write">Writes the new one.</param>
    public void Replace(Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        string temporary = $"{Path}.{Guid.NewGuid():N}{TemporaryEnd}";
        try
        {
            using (FileStream file = new(temporary, ForUser(new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write })))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, Path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private void RemoveLeftovers()
    {
        foreach (string file in Directory.EnumerateFiles(System.IO.Path.GetDirectoryName(Path)!, $"{System.IO.Path.GetFileName(Path)}.*{TemporaryEnd}"))
        {
            try
            {
                File.Delete(file);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The next writer tries again.
            }
        }
    }
}
