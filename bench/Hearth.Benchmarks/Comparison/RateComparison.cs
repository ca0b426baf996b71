using Hearth.Engine.Benchmarking;

namespace Hearth.Benchmarks.Comparison;

/// <summary>The rates of both engines on one test. Of the peer's ways to attend, the one with the faster median counts.</summary>
internal sealed class RateComparison
{
    public RateComparison(IReadOnlyList<double> own, IReadOnlyDictionary<FlashAttention, IReadOnlyList<double>> peer)
    {
        Own = SampleStatistics.Of(own);
        Peer = peer.ToDictionary(rates => rates.Key, rates => SampleStatistics.Of(rates.Value));
        if (Peer.Count > 0)
        {
            (FlashAttention attention, SampleStatistics fastest) = Peer.MaxBy(rates => rates.Value.Median);
            Fastest = attention;
            Ratio = new PairedRatio(Own, fastest);
        }
    }

    /// <summary>Hearth's tokens per second.</summary>
    public SampleStatistics Own { get; }

    /// <summary>The peer's tokens per second.</summary>
    public IReadOnlyDictionary<FlashAttention, SampleStatistics> Peer { get; }

    /// <summary>The peer's faster way to attend; null without a peer.</summary>
    public FlashAttention? Fastest { get; }

    /// <summary>Hearth beside that; null without a peer.</summary>
    public PairedRatio? Ratio { get; }
}
