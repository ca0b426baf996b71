namespace Hearth.Benchmarks.Comparison;

/// <summary>How the peer attends (<c>-fa</c> of llama-bench).</summary>
internal enum FlashAttention
{
    Off = 0,
    On = 1,
}
