namespace Hearth.Engine.Sampling;

/// <summary>
/// Mirostat (Basu et al., 2020): cuts the candidates so that the surprise of the chosen tokens stays near tau bits. After each token
/// <c>mu -= eta * (-log2 p - tau)</c>; mu starts at 2 tau.
/// </summary>
internal sealed class Mirostat(int version, int vocabularySize, float tau, float eta)
{
    private const int EstimatedTokens = 100;

    /// <summary>The largest surprise, in bits, that is let through.</summary>
    internal float Mu { get; private set; } = 2 * tau;

    /// <summary>Orders and cuts the candidates.</summary>
    internal void Cut(ref Candidates candidates)
    {
        candidates.Sort();
        candidates.Softmax();
        candidates.KeepFirst(version == 1 ? CountByZipf(candidates.Items) : CountBySurprise(candidates.Items));
    }

    /// <summary>Learns from the choice of a token that had this probability among the candidates that were left.</summary>
    internal void Accept(float probability) => Mu -= eta * (-MathF.Log2(probability) - tau);

    private int CountBySurprise(ReadOnlySpan<Candidate> items)
    {
        var count = 0;
        while (count < items.Length && -MathF.Log2(items[count].Probability) <= Mu)
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
        float products = 0;
        float squares = 0;
        for (var i = 0; i < Math.Min(EstimatedTokens, items.Length) - 1 && items[i + 1].Probability > 0; i++)
        {
            var t = MathF.Log((i + 2f) / (i + 1f));
            products += t * MathF.Log(items[i].Probability / items[i + 1].Probability);
            squares += t * t;
        }

        if (squares == 0)
        {
            return 1;
        }

        var s = products / squares;
        var epsilon = s - 1;
        // (s - 1) / (1 - V^(1 - s)) has the limit 1 / ln V at s = 1.
        var factor = epsilon == 0 ? 1 / MathF.Log(vocabularySize) : epsilon / (1 - MathF.Pow(vocabularySize, -epsilon));
        var k = MathF.Pow(factor * MathF.Pow(2, Mu), 1 / s);
        return k < items.Length ? Math.Max((int)k, 1) : items.Length;
    }
}
