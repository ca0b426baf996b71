namespace Hearth.Benchmarks.Load;

/// <summary>About how long a first token takes now: a mean in which the last requests count most.</summary>
internal sealed class FirstTokenEstimate
{
    private const double Newest = 0.1;
    private readonly Lock _lock = new();
    private double _milliseconds;

    /// <summary>The mean; 0 as long as nothing is known.</summary>
    public double Milliseconds
    {
        get
        {
            lock (_lock)
            {
                return _milliseconds;
            }
        }
    }

    public void Add(double milliseconds)
    {
        lock (_lock)
        {
            _milliseconds = _milliseconds == 0 ? milliseconds : _milliseconds + (Newest * (milliseconds - _milliseconds));
        }
    }
}
