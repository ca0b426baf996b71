namespace Hearth.Store.Storage;

/// <summary>
/// What keeps processes out of each other's way: whoever adds contents holds the lock together with others that add, from before its first
/// content until the model is named; whoever removes contents that no model uses holds it alone. It goes with the process that holds it.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private const string FileName = "store.lock";
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(20);
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <summary>The lock's file in a store's folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    /// <summary>Holds the lock of a folder, which is made where there is none, together with others that add.</summary>
    /// <exception cref="StoreException">It could not be had within the patience, or the folder cannot be written to.</exception>
    public static StoreLock Share(string folder, TimeSpan patience, StoreFiles files) =>
        TryTake(folder, FileAccess.Read, FileShare.ReadWrite, patience, files)
        ?? throw new StoreException(StoreErrorKind.Locked, $"Another program has been removing models for {patience.TotalSeconds:F0} s ('{PathIn(folder)}' is locked); try again when it is done.");

    /// <summary>Holds the lock of a folder, which is made where there is none, alone.</summary>
    /// <exception cref="StoreException">It could not be had within the patience, or the folder cannot be written to.</exception>
    public static StoreLock TakeAlone(string folder, TimeSpan patience, StoreFiles files) =>
        TryTakeAlone(folder, patience, files)
        ?? throw new StoreException(StoreErrorKind.Locked, $"Another program adds models or removes some ('{PathIn(folder)}' is locked); try again when it is done.");

    /// <summary>Holds the lock of a folder alone; null when that could not be had within the patience.</summary>
    /// <exception cref="StoreException">The folder cannot be written to.</exception>
    public static StoreLock? TryTakeAlone(string folder, TimeSpan patience, StoreFiles files) => TryTake(folder, FileAccess.ReadWrite, FileShare.None, patience, files);

    public void Dispose() => _file.Dispose();

    private static StoreLock? TryTake(string folder, FileAccess access, FileShare share, TimeSpan patience, StoreFiles files)
    {
        string path = PathIn(folder);
        long start = Environment.TickCount64;
        StoreErrors.Guard(folder, files, () => files.CreateFolder(folder));
        while (true)
        {
            try
            {
                return new StoreLock(new FileStream(path, FileMode.OpenOrCreate, access, share, bufferSize: 0));
            }
            catch (IOException exception) when (exception.GetType() == typeof(IOException) && File.Exists(path))
            {
                if (Environment.TickCount64 - start >= patience.TotalMilliseconds)
                {
                    return null;
                }

                Thread.Sleep(s_retry);
            }
            catch (Exception exception) when (StoreErrors.Translate(exception, path, files) is StoreException error)
            {
                throw error;
            }
        }
    }
}
