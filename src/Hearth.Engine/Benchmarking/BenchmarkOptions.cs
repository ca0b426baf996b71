namespace Hearth.Engine.Benchmarking;

/// <summary>What is measured, and how often.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>The tests.</summary>
    public required IReadOnlyList<BenchmarkTest> Tests { get; init; }

    /// <summary>Numbers of threads, all tests with each; 0 for one per physical core.</summary>
    public IReadOnlyList<int> Threads { get; init; } = [0];

    /// <summary>Measurements of each test; one or more.</summary>
    public int Repetitions { get; init; } = 5;

    /// <summary>Whether each test runs once before it is measured.</summary>
    public bool Warmup { get; init; } = true;
}
