using Hearth.Benchmarks.Comparison;
using Hearth.Engine.Benchmarking;

namespace Hearth.Benchmarks.Load;

/// <summary>One figure over all rounds.</summary>
internal sealed class PairedFigure
{
    /// <param name="figure">The figure as it is in any run.</param>
    /// <param name="own">Its values on the server, by round.</param>
    /// <param name="peer">On the peer; empty without one.</param>
    public PairedFigure(Figure figure, IReadOnlyList<double?> own, IReadOnlyList<double?> peer)
    {
        Figure = figure;
        Medians = [Median(own), Median(peer)];
        (double Own, double Peer)[] pairs =
        [
            .. own.Zip(peer)
                .Where(pair => pair.First is not null && pair.Second > 0)
                .Select(pair => (pair.First!.Value, pair.Second!.Value)),
        ];
        if (figure.IsCompared && pairs.Length > 0)
        {
            SampleStatistics ours = SampleStatistics.Of(pairs.Select(pair => pair.Own));
            Ratio = new PairedRatio(ours, SampleStatistics.Of(pairs.Select(pair => pair.Peer))).Ratio;
        }
    }

    public Figure Figure { get; }

    /// <summary>The median of each server's rounds.</summary>
    public IReadOnlyList<double?> Medians { get; }

    /// <summary>The server's value divided by the peer's, of the rounds in which both have one; null where there are none.</summary>
    public SampleStatistics? Ratio { get; }

    private static double? Median(IReadOnlyList<double?> values)
    {
        double[] known = [.. values.OfType<double>()];
        return known.Length == 0 ? null : SampleStatistics.Of(known).Median;
    }
}
