namespace Hearth.Store.Storage;

/// <summary>
/// What keeps processes out of each other's way: whoever adds contents holds the lock together with others that add, from before its first
/// content until the model is named; whoever removes contents that no model uses holds it alone. It goes with the process that holds it.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(20);
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <summary>Holds the lock together with others that add.</summary>
    /// <exception cref="StoreException">It could not be had within the patience.</exception>
    public static StoreLock Share(string path, TimeSpan patience) =>
        TryTake(path, FileAccess.Read, FileShare.ReadWrite, patience)
        ?? throw new StoreException(StoreErrorKind.Locked, $"Another program has been removing models for {patience.TotalSeconds:F0} s ('{path}' is locked); try again when it is done.");

    /// <summary>Holds the lock alone; null when that could not be had within the patience.</summary>
    public static StoreLock? TryTakeAlone(string path, TimeSpan patience) => TryTake(path, FileAccess.ReadWrite, FileShare.None, patience);

    public void Dispose() => _file.Dispose();

    private static StoreLock? TryTake(string path, FileAccess access, FileShare share, TimeSpan patience)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            try
            {
                return new StoreLock(new FileStream(path, FileMode.OpenOrCreate, access, share, 1));
            }
            catch (IOException) when (File.Exists(path))
            {
                if (Environment.TickCount64 - start >= patience.TotalMilliseconds)
                {
                    return null;
                }

                Thread.Sleep(s_retry);
            }
        }
    }
}
