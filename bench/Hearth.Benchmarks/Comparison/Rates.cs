namespace Hearth.Benchmarks.Comparison;

/// <summary>Tokens per second: reading a prompt, and making an answer.</summary>
internal readonly record struct Rates(double Prefill, double Decode);
