using System.Text;
using Hearth.Server.Observability;

namespace Hearth.Server.Tests.Observability;

public sealed class PrometheusTextTests
{
    [Fact]
    public void Counter_HasHelpTypeAndEscapedLabels()
    {
        CounterFamily family = new("things_total", "Things\\\nthat \"are\".", "name", "kind");
        family.Add(2, "a\"b\\c\nd", "x");
        family.Add(0.5, "a\"b\\c\nd", "x");
        family.Add(1, "ü\t", string.Empty);

        Assert.Equal(
            """
            # HELP things_total Things\\\nthat "are".
            # TYPE things_total counter
            things_total{name="a\"b\\c\nd",kind="x"} 2.5
            things_total{name="ü	",kind=""} 1

            """.ReplaceLineEndings("\n"),
            Write(family));
    }

    [Fact]
    public void CounterWithoutLabels_IsThereFromTheBeginning() =>
        Assert.Equal("# HELP things_total Things.\n# TYPE things_total counter\nthings_total 0\n", Write(new CounterFamily("things_total", "Things.")));

    [Fact]
    public void Counter_NeverSinks()
    {
        CounterFamily family = new("things_total", "Things.", "name");

        Assert.Throws<ArgumentOutOfRangeException>(() => family.Add(-1, "a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => family.Add(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => family.Add(1, "a", "b"));
    }

    [Fact]
    public void Histogram_HasCumulativeBucketsSumAndCount()
    {
        HistogramFamily family = new("time_seconds", "Time.", [0.1, 1, 2.5], "model");
        Array.ForEach([0.05, 0.1, 0.7, 2.5, 30], value => family.Observe(value, "m"));

        Assert.Equal(
            """
            # HELP time_seconds Time.
            # TYPE time_seconds histogram
            time_seconds_bucket{model="m",le="0.1"} 2
            time_seconds_bucket{model="m",le="1"} 3
            time_seconds_bucket{model="m",le="2.5"} 4
            time_seconds_bucket{model="m",le="+Inf"} 5
            time_seconds_sum{model="m"} 33.35
            time_seconds_count{model="m"} 5

            """.ReplaceLineEndings("\n"),
            Write(family));
    }

    [Fact]
    public void ObservedValuesWithTheSameLabels_AreAdded()
    {
        ObservedFamily family = new("size_bytes", MetricKind.Gauge, "Size.", ["model"], () =>
        [
            new MetricSample(new LabelValues("a"), 1), new MetricSample(new LabelValues("b"), 5), new MetricSample(new LabelValues("a"), 2),
        ]);

        Assert.EndsWith("size_bytes{model=\"a\"} 3\nsize_bytes{model=\"b\"} 5\n", Write(family), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(0, "0")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(9007199254740991, "9007199254740991")]
    [InlineData(1e300, "1E+300")]
    [InlineData(1e-7, "1E-07")]
    public void Values_AreWrittenAsTheFormatHasThem(double value, string expected) => Assert.Equal(expected, PrometheusText.Format(value));

    [Fact]
    public void Models_HaveSeriesOfTheirOwnUpToALimit()
    {
        ModelLabels models = new();
        string[] names = [.. Enumerable.Range(0, ModelLabels.MaxModels + 50).Select(number => models.Of($"model-{number}"))];

        Assert.Equal(ModelLabels.MaxModels, names.Count(name => name.StartsWith("model-", StringComparison.Ordinal)));
        Assert.All(names[ModelLabels.MaxModels..], name => Assert.Equal(ModelLabels.Other, name));
        Assert.Equal("model-0", models.Of("model-0"));
        Assert.Equal(ModelLabels.Unknown, models.Of(null));
    }

    private static string Write(MetricFamily family)
    {
        StringBuilder text = new();
        PrometheusText.Write(text, family);
        return text.ToString();
    }
}
