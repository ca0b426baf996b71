namespace Hearth.Engine.Scheduling;

/// <summary>A context whose keys and values need more memory than the machine has.</summary>
public sealed class ContextMemoryException(int contextLength, Int128 neededBytes, long availableBytes) : Exception(
    $"A context of {contextLength} tokens needs {Gibibytes(neededBytes)} GiB of memory for its keys and values; {Gibibytes(availableBytes)} GiB are available. "
    + $"Choose a context of at most {MaxContextLength(contextLength, neededBytes, availableBytes)} tokens.")
{
    /// <summary>Tokens of the context asked for.</summary>
    public int ContextLength { get; } = contextLength;

    /// <summary>Bytes that its keys and values need.</summary>
    public Int128 NeededBytes { get; } = neededBytes;

    /// <summary>Bytes that the process may use.</summary>
    public long AvailableBytes { get; } = availableBytes;

    private static string Gibibytes(Int128 bytes) => ((double)bytes / (1L << 30)).ToString("F1", System.Globalization.CultureInfo.InvariantCulture);

    private static Int128 MaxContextLength(int contextLength, Int128 needed, long available) => contextLength * (Int128)available / needed;
}
