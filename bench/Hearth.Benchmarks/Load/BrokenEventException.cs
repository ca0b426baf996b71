namespace Hearth.Benchmarks.Load;

/// <summary>A server sent what is no event of a completion.</summary>
internal sealed class BrokenEventException(string message) : Exception(message);
