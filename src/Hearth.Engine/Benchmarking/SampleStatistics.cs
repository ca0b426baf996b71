namespace Hearth.Engine.Benchmarking;

/// <summary>What several measurements of one thing say together.</summary>
/// <param name="Samples">The measurements, in their order.</param>
/// <param name="Median">The middle one, or the mean of the two in the middle.</param>
/// <param name="Minimum">The smallest.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="Deviation">The median absolute deviation: the median of the distances from the median.</param>
public sealed record SampleStatistics(IReadOnlyList<double> Samples, double Median, double Minimum, double Maximum, double Deviation)
{
    /// <summary>Describes measurements.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static SampleStatistics Of(IEnumerable<double> samples)
    {
        double[] values = [.. samples];
        double median = MedianOf(values);
        return new SampleStatistics(values, median, values.Min(), values.Max(), MedianOf([.. values.Select(value => Math.Abs(value - median))]));
    }

    private static double MedianOf(double[] values)
    {
        if (values.Length == 0)
        {
            throw new ArgumentException("There is no median of no measurements.", nameof(values));
        }

        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
