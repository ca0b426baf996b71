namespace Hearth.Server.Access;

/// <summary>A certificate, or what belongs to it, cannot be used.</summary>
/// <param name="message">Which file, what is wrong, what to do.</param>
/// <param name="inner">The cause.</param>
public sealed class TlsFileException(string message, Exception? inner = null) : IOException(message, inner);
