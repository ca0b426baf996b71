namespace Hearth.Store.Storage;

/// <summary>Turns what the file system says into an exception for people.</summary>
internal static class StoreFailure
{
    private const int UnixNoSpace = 28;
    private const int UnixQuota = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>The exception of a failure.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="what">What could not be done.</param>
    public static StoreException Of(Exception exception, string what) => exception.HResult is UnixNoSpace or UnixQuota or WindowsDiskFull or WindowsHandleDiskFull
        ? new StoreException(StoreErrorKind.DiskFull, $"{what}: there is no room left on the drive. Remove models that are not needed ('hearth rm', 'hearth prune').", exception)
        : new StoreException(StoreErrorKind.Unusable, $"{what}: {exception.Message}", exception);
}
