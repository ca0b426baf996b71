namespace Hearth.Benchmarks.Comparison;

/// <summary>Tokens per second: reading a prompt, and making an answer; 0 for what was not measured.</summary>
internal readonly record struct Rates(double Prefill, double Decode);
