using System.Globalization;

namespace Hearth.Engine.Scheduling;

/// <summary>A request that found as many waiting as may wait.</summary>
public sealed class QueueFullException(int waiting, TimeSpan retryAfter) : Exception(
    $"{waiting.ToString(CultureInfo.InvariantCulture)} requests wait for this model already, as many as may. Try again in {Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture)} s, or let more wait or run at once.")
{
    /// <summary>Requests that wait.</summary>
    public int Waiting { get; } = waiting;

    /// <summary>When there may be room.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
