using Hearth.Engine.Models;

namespace Hearth.Engine.Cache;

/// <summary>
/// Hot prefixes on disk: what several requests began with is saved when a model goes, and is there again when it comes back. A file that does not
/// fit the model, the settings or this program exactly has another name; one that is broken is not used.
/// </summary>
internal sealed class PrefixArchive
{
    private const string Extension = ".prefixes";
    private readonly string _path;
    private readonly byte[] _identity;
    private readonly KvPool _pool;
    private readonly IReadOnlyList<float> _scales;
    private readonly Action<string>? _warn;

    private PrefixArchive(string path, byte[] identity, KvPool pool, IReadOnlyList<float> scales, Action<string>? warn)
    {
        _path = path;
        _identity = identity;
        _pool = pool;
        _scales = scales;
        _warn = warn;
    }

    /// <summary>The archive of a model in a folder, which is made.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="opened">The model.</param>
    /// <param name="pool">Its cache.</param>
    /// <param name="contextLength">Tokens of context in force.</param>
    /// <param name="warn">Is told of what goes wrong later.</param>
    /// <exception cref="PrefixFolderException">The folder cannot be made, or the model's file not be read.</exception>
    public static PrefixArchive Open(string folder, OpenedModel opened, KvPool pool, int contextLength, Action<string>? warn)
    {
        byte[] identity;
        try
        {
            CreateFolder(folder);
            identity = CacheIdentity.Of(opened, pool.Storage, contextLength);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PrefixFolderException(folder, exception);
        }

        string path = Path.Combine(folder, Convert.ToHexStringLower(identity.AsSpan(0, 16)) + Extension);
        return new PrefixArchive(path, identity, pool, opened.Adapters.Scales(null), warn);
    }

    /// <summary>Fills the cache from the file, if there is a sound one.</summary>
    public void Restore()
    {
        try
        {
            if (!File.Exists(_path))
            {
                return;
            }

            using FileStream stream = new(_path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20);
            PrefixFile.Read(stream, _identity, _pool, _pool.Prefixes.RootOf(_scales));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            _warn?.Invoke($"Saved prefixes were not used: '{_path}': {exception.Message}");
        }
    }

    /// <summary>Writes what several sequences began with. A failure leaves the file as it was.</summary>
    public void Save()
    {
        int[] blocks = HotPrefixes.Choose(_pool, _pool.Prefixes.RootOf(_scales));
        if (blocks.Length == 0)
        {
            return;
        }

        string temporary = $"{_path}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = new(temporary, NewFile()))
            {
                PrefixFile.Write(stream, _identity, _pool, blocks);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, _path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _warn?.Invoke($"Prefixes were not saved: '{_path}': {exception.Message}");
            TryDelete(temporary);
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    // Token ids are what users wrote, so nobody else may read them.
    private static FileStreamOptions NewFile()
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 1 << 20 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It was not made, or is beyond reach; it has a name that nobody reads.
        }
    }
}
