namespace Hearth.Server.Files;

/// <summary>How much clients may send in files, and how much of it is worked at.</summary>
public sealed record FileLimits
{
    /// <summary>Bytes of a file.</summary>
    public long MaxFileBytes { get; init; } = 200L << 20;

    /// <summary>Lines of a batch.</summary>
    public int MaxLines { get; init; } = 50_000;

    /// <summary>Bytes of a line.</summary>
    public int MaxLineBytes { get; init; } = 16 << 20;

    /// <summary>Batches that are not done.</summary>
    public int MaxBatches { get; init; } = 64;

    /// <summary>Lines of all batches that are answered at a time.</summary>
    public int LinesAtOnce { get; init; } = 8;
}
