namespace Hearth.Store.Packaging;

/// <summary>Something cannot be packaged or unpacked.</summary>
/// <param name="message">Why, and what to do, for people.</param>
/// <param name="inner">The cause.</param>
public sealed class PackageException(string message, Exception? inner = null) : Exception(message, inner);
