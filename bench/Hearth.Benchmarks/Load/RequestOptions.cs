namespace Hearth.Benchmarks.Load;

/// <summary>How a request is sent.</summary>
internal sealed record RequestOptions
{
    /// <summary>The time stamp from which its times count; null for the moment of sending.</summary>
    public long? Planned { get; init; }

    /// <summary>Called after each event with text, with the number of them so far.</summary>
    public Action<int>? TextReceived { get; init; }

    /// <summary>The client goes away when this is cancelled.</summary>
    public CancellationToken HangUp { get; init; }
}
