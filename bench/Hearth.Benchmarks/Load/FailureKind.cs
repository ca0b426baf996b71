namespace Hearth.Benchmarks.Load;

/// <summary>Why a request failed.</summary>
internal enum FailureKind
{
    /// <summary>No connection, or it was lost before a status came.</summary>
    NoConnection,

    /// <summary>Status 429 or 503: the server has too much to do.</summary>
    Refused,

    /// <summary>Another status than success.</summary>
    Status,

    /// <summary>The stream has an error in place of an event.</summary>
    ErrorEvent,

    /// <summary>The stream has an event that is none of a completion.</summary>
    BrokenEvent,

    /// <summary>The stream ended before the answer did.</summary>
    EndedEarly,

    /// <summary>The connection was lost in the stream.</summary>
    LostConnection,

    /// <summary>The answer took too long.</summary>
    TimeLimit,
}
