using System.Diagnostics;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;

namespace Hearth.Engine.Benchmarking;

/// <summary>How far a benchmark is.</summary>
/// <param name="Done">Runs that are done, warm-ups included.</param>
/// <param name="Total">Runs that there will be.</param>
/// <param name="Test">The test that runs next.</param>
public readonly record struct BenchmarkProgress(int Done, int Total, string Test);

/// <summary>Measures a model: every test with every number of threads.</summary>
public static class Benchmark
{
    /// <summary>Runs all tests. Bandwidth is measured last, when the model is closed, so that its buffer is not part of the peak memory.</summary>
    /// <param name="path">A GGUF file, or the first of a split one.</param>
    /// <param name="options">What to measure.</param>
    /// <param name="progress">Is told before every run, or null.</param>
    /// <param name="cancellationToken">Ends the work between steps.</param>
    /// <exception cref="GgufException">The file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="ModelException">Hearth cannot run it, or it has no positions for a test's depth and tokens.</exception>
    /// <exception cref="ContextMemoryException">A test needs more memory for keys and values than there is.</exception>
    public static IReadOnlyList<BenchmarkResult> Run(
        string path, BenchmarkOptions options, Action<BenchmarkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Repetitions, 1, nameof(options));
        int runs = options.Repetitions + (options.Warmup ? 1 : 0);
        int total = options.Threads.Count * options.Tests.Count * runs;
        int done = 0;
        List<BenchmarkResult> results = [];
        foreach (int threads in options.Threads)
        {
            using BenchmarkSession session = BenchmarkSession.Open(path, threads, options.Tests);
            foreach (BenchmarkTest test in options.Tests)
            {
                List<BenchmarkSample> samples = [];
                for (int run = 0; run < runs; run++)
                {
                    progress?.Invoke(new BenchmarkProgress(done++, total, test.Name));
                    samples.Add(session.Measure(test, cancellationToken));
                }

                results.Add(new BenchmarkResult
                {
                    Model = session.Model,
                    Threads = session.Threads,
                    Test = test,
                    Samples = samples[(runs - options.Repetitions)..],
                    BytesPerToken = test.PromptTokens == 0 ? session.BytesPerToken(test) : null,
                    PeakMemory = FindPeakMemory(),
                });
            }
        }

        progress?.Invoke(new BenchmarkProgress(total, total, "memory bandwidth"));
        Dictionary<int, double> bandwidths = results.Select(result => result.Threads).Distinct()
            .ToDictionary(threads => threads, threads => MemoryBandwidth.Measure(threads, cancellationToken));
        return [.. results.Select(result => result with { ReadBandwidth = bandwidths[result.Threads] })];
    }

    private static long? FindPeakMemory()
    {
        using Process self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64 is > 0 and long bytes ? bytes : null;
    }
}
