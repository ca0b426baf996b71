namespace Hearth.Engine.Scheduling;

/// <summary>How long steps of so many tokens take, as measured; what was not measured lately is estimated from its neighbours.</summary>
/// <param name="given">Costs to use instead; null for none.</param>
internal sealed class StepCosts(Func<int, double>? given = null)
{
    private const int Measured = 64;
    private const int MaxAge = 1024;
    private const double Weight = 0.2;
    private const double AssumedSlope = 0.3;
    private readonly double[] _seconds = new double[Measured + 1];
    private readonly long[] _times = new long[Measured + 1];
    private long _time = MaxAge;

    /// <summary>Whether estimates are seconds: something was measured.</summary>
    public bool IsMeasured => _time > MaxAge;

    /// <summary>Learns from a step.</summary>
    public void Observe(int tokens, TimeSpan elapsed)
    {
        _time++;
        if (tokens is < 1 or > Measured)
        {
            return;
        }

        _seconds[tokens] = IsKnown(tokens) ? _seconds[tokens] + (Weight * (elapsed.TotalSeconds - _seconds[tokens])) : elapsed.TotalSeconds;
        _times[tokens] = _time;
    }

    /// <summary>The seconds that a step of so many tokens may take; only their ratios matter while nothing is known.</summary>
    public double Estimate(int tokens)
    {
        if (given is not null)
        {
            return given(tokens);
        }

        int below = Math.Min(tokens, Measured);
        while (below > 0 && !IsKnown(below))
        {
            below--;
        }

        int above = tokens;
        while (above <= Measured && !IsKnown(above))
        {
            above++;
        }

        if (below == 0)
        {
            return above > Measured ? Relative(tokens) : _seconds[above] * Relative(tokens) / Relative(above);
        }

        return below == tokens ? _seconds[below]
            : above > Measured ? _seconds[below] * Relative(tokens) / Relative(below)
            : _seconds[below] + ((_seconds[above] - _seconds[below]) * (tokens - below) / (above - below));
    }

    private static double Relative(int tokens) => 1 + (AssumedSlope * (tokens - 1));

    private bool IsKnown(int tokens) => _times[tokens] != 0 && _time - _times[tokens] < MaxAge;
}
