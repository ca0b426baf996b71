namespace Hearth.Cli.Progress;

/// <summary>How fast something grows, over the last seconds. What was there when it began does not count.</summary>
/// <param name="time">The clock.</param>
internal sealed class TransferRate(TimeProvider time)
{
    private const int MaxSamples = 10;
    private static readonly TimeSpan s_spacing = TimeSpan.FromMilliseconds(500);
    private readonly Queue<(long At, long Done)> _samples = new();
    private long _last;
    private long _done;

    /// <summary>Tells how much is done.</summary>
    public void Add(long done)
    {
        long now = time.GetTimestamp();
        if (_samples.Count == 0 || time.GetElapsedTime(_last, now) >= s_spacing)
        {
            _last = now;
            _samples.Enqueue((now, done));
            if (_samples.Count > MaxSamples)
            {
                _samples.Dequeue();
            }
        }

        _done = done;
    }

    /// <summary>Per second; null while that cannot be said.</summary>
    public double? PerSecond()
    {
        if (!_samples.TryPeek(out (long At, long Done) first) || _done <= first.Done)
        {
            return null;
        }

        TimeSpan passed = time.GetElapsedTime(first.At);
        return passed >= s_spacing ? (_done - first.Done) / passed.TotalSeconds : null;
    }
}
