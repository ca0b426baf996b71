namespace Hearth.Benchmarks.Load;

/// <summary>Samples in order, to read percentiles from. Between two samples a percentile is interpolated linearly.</summary>
internal sealed class Percentiles
{
    private readonly double[] _sorted;

    public Percentiles(IEnumerable<double> samples)
    {
        _sorted = [.. samples];
        Array.Sort(_sorted);
    }

    public int Count => _sorted.Length;

    public double? Mean => Count == 0 ? null : _sorted.Average();

    public double? Maximum => Count == 0 ? null : _sorted[^1];

    /// <summary>The value below which <paramref name="percent"/> % of the samples lie; null without samples.</summary>
    public double? At(double percent)
    {
        if (Count == 0)
        {
            return null;
        }

        double position = percent / 100 * (Count - 1);
        int below = (int)position;
        return below + 1 < Count ? _sorted[below] + ((position - below) * (_sorted[below + 1] - _sorted[below])) : _sorted[^1];
    }
}
