using System.Globalization;

namespace Hearth.Store.Storage;

/// <summary>Says in the store's words why the file system has refused something.</summary>
internal static class StoreErrors
{
    private const int NoSpace = 28;
    private const int OverQuotaLinux = 122;
    private const int OverQuotaMac = 69;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>The store's error for a failure at a path; null for what is no failure of the file system.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="path">Where.</param>
    /// <param name="files">Says how much room there is.</param>
    /// <param name="bytes">Bytes that were to be written there; 0 where that is not known.</param>
    public static StoreException? Translate(Exception exception, string path, StoreFiles files, long bytes = 0) => exception switch
    {
        IOException full when IsDiskFull(full) => new StoreException(StoreErrorKind.DiskFull, DescribeFull(path, files, bytes), full),
        IOException or UnauthorizedAccessException => new StoreException(
            StoreErrorKind.Unusable, $"'{path}' cannot be used: {exception.Message} Look at the permissions of the models' folder, and at the drive.", exception),
        _ => null,
    };

    /// <summary>Changes files, and fails in the store's words.</summary>
    /// <param name="path">Where.</param>
    /// <param name="files">Says how much room there is.</param>
    /// <param name="change">The change.</param>
    /// <param name="bytes">Bytes that are to be written there; 0 where that is not known.</param>
    /// <exception cref="StoreException">The file system has refused.</exception>
    public static void Guard(string path, StoreFiles files, Action change, long bytes = 0)
    {
        try
        {
            change();
        }
        catch (Exception exception) when (Translate(exception, path, files, bytes) is StoreException error)
        {
            throw error;
        }
    }

    /// <summary>Fails unless there is room.</summary>
    /// <exception cref="StoreException">There is not.</exception>
    public static void RequireRoom(string path, StoreFiles files, long bytes)
    {
        if (files.FreeBytes(path) < bytes)
        {
            throw new StoreException(StoreErrorKind.DiskFull, DescribeFull(path, files, bytes));
        }
    }

    private static string DescribeFull(string path, StoreFiles files, long bytes)
    {
        string needed = bytes > 0 ? $"{bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes are needed, " : string.Empty;
        string free = files.FreeBytes(path).ToString("N0", CultureInfo.InvariantCulture);
        return $"There is not enough room on the drive of '{Path.GetDirectoryName(path)}': {needed}{free} bytes are free. 'hearth prune' removes what no model uses.";
    }

    private static bool IsDiskFull(IOException exception) => OperatingSystem.IsWindows()
        ? exception.HResult is WindowsDiskFull or WindowsHandleDiskFull
        : exception.HResult is NoSpace || exception.HResult == (OperatingSystem.IsMacOS() ? OverQuotaMac : OverQuotaLinux);
}
