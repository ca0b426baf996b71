namespace Hearth.Benchmarks.Load;

/// <summary>A measurement cannot start.</summary>
internal sealed class LoadException(string message, Exception? inner = null) : Exception(message, inner);
