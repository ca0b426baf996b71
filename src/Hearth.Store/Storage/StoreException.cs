namespace Hearth.Store.Storage;

/// <summary>Why the store could not do something.</summary>
public enum StoreErrorKind
{
    /// <summary>Another process keeps it from being changed.</summary>
    Locked,

    /// <summary>There is no room left on the drive.</summary>
    DiskFull,

    /// <summary>A content is not what its digest says, or a file of the store cannot be understood.</summary>
    Corrupt,

    /// <summary>A content is missing, or the file in another program's folder that it was linked to has gone or changed.</summary>
    Missing,

    /// <summary>The file system refuses.</summary>
    Unusable,
}

/// <summary>The store could not do something. What was stored before is still there.</summary>
/// <param name="kind">Why.</param>
/// <param name="message">What happened and what to do, for people.</param>
/// <param name="inner">The cause.</param>
public sealed class StoreException(StoreErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public StoreErrorKind Kind => kind;

    /// <summary>Says why the file system has refused something.</summary>
    /// <param name="exception">What it threw.</param>
    /// <param name="path">The file.</param>
    /// <returns>The store's error; null for what is no failure of the file system.</returns>
    public static StoreException? For(Exception exception, string path) => StoreErrors.Translate(exception, path, new StoreFiles());
}
