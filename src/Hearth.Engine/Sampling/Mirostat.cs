namespace Hearth.Engine.Sampling;

/// <summary>
/// Mirostat (Basu et al., 2020): cuts the candidates so that the surprise of the chosen tokens stays near tau bits. After each token
/// <c>mu -= eta * (-log2 p - tau)</c>; mu starts at 2 tau.
/// </summary>
internal sealed class Mirostat(int version, int vocabularySize, float tau, float eta)
{
    private const int EstimatedTokens = 100;

    /// <summary>The largest surprise, in bits, that is let through.</summary>
    internal double Mu { get; private set; } = 2.0 * tau;

    /// <summary>Orders and cuts the candidates.</summary>
    internal void Cut(ref Candidates candidates)
    {
        candidates.Sort();
        candidates.Softmax();
        candidates.KeepFirst(version == 1 ? CountByZipf(candidates.Items) : CountBySurprise(candidates.Items));
    }

    /// <summary>Learns from the choice of a token that had this probability among the candidates that were left.</summary>
    internal void Accept(float probability) => Mu -= eta * (-Math.Log2(probability) - tau);

    private int CountBySurprise(ReadOnlySpan<Candidate> items)
    {
        var count = 0;
        while (count < items.Length && -Math.Log2(items[count].Probability) <= Mu)
        {
            count++;
        }

        return Math.Max(count, 1);
    }

    /// <summary>
    /// Estimates the exponent s of Zipf's law from the first 100 candidates, with <c>t = ln((i + 2) / (i + 1))</c> and
    /// <c>b = ln(p_i / p_(i+1))</c>: <c>s = sum t b / sum t^2</c>; then <c>k = ((s - 1) 2^mu / (1 - V^(1 - s)))^(1 / s)</c>.
    /// </summary>
    private int CountByZipf(ReadOnlySpan<Candidate> items)
    {
        double products = 0;
        double squares = 0;
        for (var i = 0; i < Math.Min(EstimatedTokens, items.Length) - 1 && items[i + 1].Probability > 0; i++)
        {
            var t = Math.Log((i + 2.0) / (i + 1.0));
            products += t * Math.Log(items[i].Probability / (double)items[i + 1].Probability);
            squares += t * t;
        }

        if (squares == 0)
        {
            return 1;
        }

        var s = products / squares;
        var epsilon = s - 1;
        // (s - 1) / (1 - V^(1 - s)) has the limit 1 / ln V at s = 1.
        var factor = Math.Abs(epsilon) < 1e-9 ? 1 / Math.Log(vocabularySize) : epsilon / (1 - Math.Pow(vocabularySize, -epsilon));
        var k = Math.Pow(factor * Math.Pow(2, Mu), 1 / s);
        return k < items.Length ? Math.Max((int)k, 1) : items.Length;
    }
}
