namespace Hearth.Store.Modelfiles;

/// <summary>A Modelfile that is broken.</summary>
/// <param name="line">The line, from 1; 0 where it is the whole.</param>
/// <param name="message">What is wrong.</param>
public sealed class ModelfileException(int line, string message) : Exception(line > 0 ? $"(line {line}): {message}" : message)
{
    /// <summary>The line, from 1; 0 where it is the whole.</summary>
    public int Line => line;
}
