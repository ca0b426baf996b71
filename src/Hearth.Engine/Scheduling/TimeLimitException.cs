using System.Globalization;

namespace Hearth.Engine.Scheduling;

/// <summary>A request that was not done within its time.</summary>
public sealed class TimeLimitException(TimeSpan limit) : Exception(
    $"The request was not done within its time limit of {limit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s. Raise the limit, ask for fewer tokens, or try when there is less to do.")
{
    /// <summary>The limit.</summary>
    public TimeSpan Limit { get; } = limit;
}
