namespace Hearth.Engine.Scheduling;

/// <summary>A step of the network that failed; the requests that were part of it are over, the model goes on.</summary>
public sealed class StepFailedException(Exception cause) : Exception(
    cause is OutOfMemoryException
        ? "The machine had no memory left for a step of the model. Try again; if it happens again, use a smaller context, fewer parallel requests or a smaller model."
        : "A step of the model failed; the server's log has the details. Try again.",
    cause)
{
    /// <summary>Whether memory was what lacked.</summary>
    public bool IsOutOfMemory { get; } = cause is OutOfMemoryException;
}
