using Hearth.Benchmarks.Load;

namespace Hearth.EndToEnd.Tests.Load;

public sealed class DistributionTests
{
    private const int Samples = 20_000;

    [Fact]
    public void Number_IsAlwaysThat() => Assert.All(Sample("128"), length => Assert.Equal(128, length));

    [Fact]
    public void Range_IsUniformWithBothEnds()
    {
        int[] lengths = Sample("3:7");

        Assert.Equal([3, 4, 5, 6, 7], lengths.Distinct().Order());
        Assert.All(lengths.CountBy(length => length), count => Assert.InRange(count.Value, Samples / 5 * 0.95, Samples / 5 * 1.05));
    }

    [Fact]
    public void Normal_HasItsMeanAndDeviation()
    {
        int[] lengths = Sample("128~32");
        double mean = lengths.Average();

        Assert.Equal(128, mean, 1.0);
        Assert.Equal(32, Math.Sqrt(lengths.Average(length => Math.Pow(length - mean, 2))), 1.0);
    }

    [Fact]
    public void Normal_IsAtLeastOne() => Assert.Equal(1, Sample("4~40").Min());

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-3")]
    [InlineData("7:3")]
    [InlineData("0:3")]
    [InlineData("1:2:3")]
    [InlineData("128~0")]
    [InlineData("128~")]
    [InlineData("1e3")]
    [InlineData("99999999999")]
    public void OtherText_IsRefused(string text)
    {
        FormatException exception = Assert.Throws<FormatException>(() => LengthDistribution.Parse(text));

        Assert.Contains($"'{text}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrivals_HaveTheirRate()
    {
        SeededRandom random = new(1);
        double[] gaps = [.. Enumerable.Range(0, Samples).Select(_ => random.NextExponential(4))];

        Assert.Equal(0.25, gaps.Average(), 0.01);
        Assert.Equal(Math.Exp(-1), gaps.Count(gap => gap > 0.25) / (double)Samples, 0.01);
    }

    [Theory]
    [InlineData(50, 3)]
    [InlineData(0, 1)]
    [InlineData(100, 5)]
    [InlineData(95, 4.8)]
    [InlineData(99, 4.96)]
    public void Percentile_IsInterpolated(double percent, double expected) =>
        Assert.Equal(expected, new Percentiles([5, 1, 4, 2, 3]).At(percent)!.Value, 1e-12);

    [Fact]
    public void Percentiles_OfFew()
    {
        Assert.Null(new Percentiles([]).At(50));
        Assert.Null(new Percentiles([]).Maximum);
        Assert.Equal(7, new Percentiles([7]).At(99));
    }

    private static int[] Sample(string text)
    {
        SeededRandom random = new(42);
        LengthDistribution distribution = LengthDistribution.Parse(text);
        return [.. Enumerable.Range(0, Samples).Select(_ => distribution.Sample(random))];
    }
}
