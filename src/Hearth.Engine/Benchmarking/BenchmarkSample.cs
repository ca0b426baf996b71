namespace Hearth.Engine.Benchmarking;

/// <summary>One measurement.</summary>
/// <param name="Elapsed">Time of all steps, without sampling.</param>
/// <param name="FirstToken">Time of the prompt's steps and of sampling the token that follows; null without a prompt.</param>
public readonly record struct BenchmarkSample(TimeSpan Elapsed, TimeSpan? FirstToken);
