using Hearth.Engine.Benchmarking;

namespace Hearth.Engine.Tests.Benchmarking;

public sealed class SampleStatisticsTests
{
    [Fact]
    public void OddCount_HasTheMiddleAsMedian()
    {
        SampleStatistics statistics = SampleStatistics.Of([10, 1, 3, 4, 100]);

        Assert.Equal([10d, 1, 3, 4, 100], statistics.Samples);
        Assert.Equal((4d, 1d, 100d), (statistics.Median, statistics.Minimum, statistics.Maximum));
        Assert.Equal(3, statistics.Deviation);
    }

    [Fact]
    public void EvenCount_HasTheMeanOfTheMiddleTwoAsMedian()
    {
        SampleStatistics statistics = SampleStatistics.Of([8, 2, 4, 100]);

        Assert.Equal(6, statistics.Median);
        Assert.Equal((2d + 4) / 2, statistics.Deviation);
    }

    [Fact]
    public void OneMeasurement_HasNoSpread()
    {
        SampleStatistics statistics = SampleStatistics.Of([5]);

        Assert.Equal((5d, 5d, 5d, 0d), (statistics.Median, statistics.Minimum, statistics.Maximum, statistics.Deviation));
    }

    [Fact]
    public void NoMeasurement_IsRefused() => Assert.Throws<ArgumentException>(() => SampleStatistics.Of([]));
}
