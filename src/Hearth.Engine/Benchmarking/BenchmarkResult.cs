namespace Hearth.Engine.Benchmarking;

/// <summary>What was measured of one test.</summary>
public sealed record BenchmarkResult
{
    /// <summary>The model.</summary>
    public required BenchmarkModel Model { get; init; }

    /// <summary>Threads that computed.</summary>
    public required int Threads { get; init; }

    /// <summary>The test.</summary>
    public required BenchmarkTest Test { get; init; }

    /// <summary>The measurements.</summary>
    public required IReadOnlyList<BenchmarkSample> Samples { get; init; }

    /// <summary>Bytes that a step of one token has to read; null for tests that read a prompt.</summary>
    public double? BytesPerToken { get; init; }

    /// <summary>Bytes per second that the same threads read at best when they do nothing else; 0 before that is measured.</summary>
    public double ReadBandwidth { get; init; }

    /// <summary>
    /// The most memory that the process had by the end of the test, in bytes, the file's mapped pages included; null where the system
    /// does not say.
    /// </summary>
    public long? PeakMemory { get; init; }

    /// <summary>Tokens per second.</summary>
    public SampleStatistics Rates => SampleStatistics.Of(Samples.Select(sample => Test.Tokens / sample.Elapsed.TotalSeconds));

    /// <summary>Milliseconds from the prompt to the first sampled token; null without a prompt.</summary>
    public SampleStatistics? FirstToken =>
        Test.PromptTokens > 0 ? SampleStatistics.Of(Samples.Select(sample => sample.FirstToken!.Value.TotalMilliseconds)) : null;

    /// <summary>Bytes per second that decoding read, by the median rate; null for tests that read a prompt.</summary>
    public double? EffectiveBandwidth => BytesPerToken * Rates.Median;

    /// <summary><see cref="EffectiveBandwidth"/> as a fraction of <see cref="ReadBandwidth"/>.</summary>
    public double? BandwidthFraction => ReadBandwidth > 0 ? EffectiveBandwidth / ReadBandwidth : null;
}
