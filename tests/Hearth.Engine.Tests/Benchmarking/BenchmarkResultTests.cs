using Hearth.Engine.Benchmarking;

namespace Hearth.Engine.Tests.Benchmarking;

public sealed class BenchmarkResultTests
{
    private static readonly BenchmarkModel s_model = new("model.gguf", "model", "llama", 100, 200, "Q8_0");

    [Fact]
    public void Decode_HasBandwidthAndNoFirstToken()
    {
        BenchmarkResult result = new()
        {
            Model = s_model,
            Threads = 2,
            Test = new BenchmarkTest(0, 10, 0, 512),
            Samples = [new(TimeSpan.FromSeconds(2), null), new(TimeSpan.FromSeconds(1), null), new(TimeSpan.FromSeconds(4), null)],
            BytesPerToken = 1e9,
            ReadBandwidth = 20e9,
        };

        Assert.Equal((5d, 2.5, 10d), (result.Rates.Median, result.Rates.Minimum, result.Rates.Maximum));
        Assert.Equal(5e9, result.EffectiveBandwidth);
        Assert.Equal(0.25, result.BandwidthFraction);
        Assert.Null(result.FirstToken);
    }

    [Fact]
    public void Prompt_HasFirstTokenAndNoBandwidth()
    {
        BenchmarkResult result = new()
        {
            Model = s_model,
            Threads = 1,
            Test = new BenchmarkTest(100, 0, 0, 512),
            Samples = [new(TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(2010))],
            ReadBandwidth = 20e9,
        };

        Assert.Equal(50, result.Rates.Median);
        Assert.Equal(2010, result.FirstToken!.Median);
        Assert.Null(result.EffectiveBandwidth);
        Assert.Null(result.BandwidthFraction);
    }
}
