using Hearth.Engine.Benchmarking;
using Hearth.Engine.Models;

namespace Hearth.Benchmarks.Comparison;

/// <summary>What both engines do.</summary>
/// <param name="Model">The GGUF file.</param>
/// <param name="Threads">Threads of each.</param>
/// <param name="Rounds">Measurements of each.</param>
/// <param name="PromptTokens">Tokens of the prompt; 0 for none.</param>
/// <param name="GeneratedTokens">Tokens that are made one by one; 0 for none.</param>
/// <param name="Depth">Tokens that are in the cache before.</param>
internal sealed record ComparisonTask(string Model, int Threads, int Rounds, int PromptTokens, int GeneratedTokens, int Depth)
{
    public BenchmarkTest Prefill => new(PromptTokens, 0, Depth, Decoder.MaxBatchTokens);

    public BenchmarkTest Decode => new(0, GeneratedTokens, Depth, Decoder.MaxBatchTokens);
}
