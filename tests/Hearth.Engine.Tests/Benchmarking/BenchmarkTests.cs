using Hearth.Engine.Benchmarking;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Benchmarking;

public sealed class BenchmarkTests
{
    private static string Stories => Golden.Path("stories", "stories260K.gguf");

    [Fact]
    public void Run_MeasuresEveryTestWithEveryNumberOfThreads()
    {
        List<BenchmarkProgress> steps = [];
        BenchmarkOptions options = new()
        {
            Tests = BenchmarkTest.Combine([16], [4], [(3, 2)], [0, 5], [8]),
            Threads = [1, 2],
            Repetitions = 3,
        };

        IReadOnlyList<BenchmarkResult> results = Benchmark.Run(Stories, options, steps.Add, TestContext.Current.CancellationToken);

        Assert.Equal(12, results.Count);
        Assert.Equal([1, 2], results.Select(result => result.Threads).Distinct());
        Assert.Equal(options.Tests.Concat(options.Tests), results.Select(result => result.Test));
        Assert.All(results, result =>
        {
            Assert.Equal(3, result.Samples.Count);
            Assert.True(result.Rates.Minimum > 0);
            Assert.True(result.ReadBandwidth > 0);
            Assert.Equal(result.Test.PromptTokens > 0, result.FirstToken is not null);
            Assert.Equal(result.Test.PromptTokens == 0, result.EffectiveBandwidth > 0);
            Assert.Equal(OperatingSystem.IsLinux() || OperatingSystem.IsWindows(), result.PeakMemory > new FileInfo(Stories).Length);
        });
        Assert.All(results.Where(result => result.Test is { PromptTokens: > 0, GeneratedTokens: 0 }).SelectMany(result => result.Samples), sample =>
            Assert.True(sample.FirstToken >= sample.Elapsed));
        Assert.Equal(Enumerable.Range(0, 49), steps.Select(step => step.Done));
        Assert.All(steps, step => Assert.Equal(48, step.Total));
    }

    [Fact]
    public void Cancellation_EndsIt()
    {
        using CancellationTokenSource stop = new();
        BenchmarkOptions options = new() { Tests = [new(4, 0, 0, 512)], Threads = [1] };

        Assert.Throws<OperationCanceledException>(() => Benchmark.Run(Stories, options, _ => stop.Cancel(), stop.Token));
    }

    [Fact]
    public void NoRepetition_IsRefused()
    {
        BenchmarkOptions options = new() { Tests = [new(4, 0, 0, 512)], Repetitions = 0 };

        Assert.Throws<ArgumentOutOfRangeException>(() => Benchmark.Run(Stories, options, null, TestContext.Current.CancellationToken));
    }
}
