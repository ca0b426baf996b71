namespace Hearth.Benchmarks.Load;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): a state of 64 bits, so that ten thousand requests do not share one by chance.</summary>
internal sealed class SeededRandom
{
    private const ulong Increment = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <param name="seed">The seed.</param>
    /// <param name="parts">What the numbers are for: other parts give other numbers.</param>
    public SeededRandom(ulong seed, params ReadOnlySpan<int> parts)
    {
        _state = seed;
        foreach (int part in parts)
        {
            _state = Next() ^ unchecked((uint)part * Increment);
        }
    }

    /// <summary>From 0 to below 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>From <paramref name="minimum"/> to <paramref name="maximum"/>, both included.</summary>
    public int Next(int minimum, int maximum) => minimum + (int)(NextDouble() * ((long)maximum - minimum + 1));

    /// <summary>Of the normal distribution with mean 0 and deviation 1 (Box and Muller).</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>Of the exponential distribution: the time between arrivals of a Poisson process.</summary>
    public double NextExponential(double rate) => -Math.Log(1 - NextDouble()) / rate;

    private ulong Next()
    {
        unchecked
        {
            ulong value = _state += Increment;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
