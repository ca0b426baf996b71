namespace Hearth.Server.OpenAi.Responses;

/// <summary>How many responses a server keeps in memory, so that later requests can go on from them, and for how long.</summary>
public sealed record ResponseStoreOptions
{
    /// <summary>How long a response is kept after it was last asked for, or gone on from.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes that all of them may have, as JSON; those not used for longest go first.</summary>
    public long MaxBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How many there may be.</summary>
    public int MaxCount { get; init; } = 4096;
}
