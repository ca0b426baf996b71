using Hearth.Engine.Benchmarking;

namespace Hearth.Benchmarks.Comparison;

/// <summary>
/// One quantity of both engines: the median of the ratios of the rounds. What a round's two measurements have in common, such as other work
/// on the machine, is in both and cancels.
/// </summary>
/// <param name="Own">Hearth's measurements, one for each round.</param>
/// <param name="Peer">The peer's.</param>
internal sealed record PairedRatio(SampleStatistics Own, SampleStatistics Peer)
{
    /// <summary>Hearth's measurement divided by the peer's, in each round.</summary>
    public SampleStatistics Ratio { get; } = SampleStatistics.Of(Own.Samples.Zip(Peer.Samples, (own, peer) => own / peer));
}
