namespace Hearth.Engine.Sampling;

/// <summary>The log-probability of a token.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="LogProbability">The natural logarithm of its probability; minus infinity for a token that is excluded.</param>
public readonly record struct TokenLogProbability(int Token, float LogProbability);

/// <summary>
/// What <c>logprobs</c> report for a position: over the model's own logits, before any sampling stage,
/// <c>logit - max - ln sum exp(logit - max)</c>, or over what a sampler has drawn from.
/// </summary>
/// <param name="Chosen">The token that was sampled.</param>
/// <param name="Top">The most probable tokens, in descending order, equal ones by ascending id.</param>
/// <param name="Rank">The token's place among all tokens in the order of the model's own logits, equal ones by ascending id; 0 is the first.</param>
public sealed record TopLogProbabilities(TokenLogProbability Chosen, IReadOnlyList<TokenLogProbability> Top, int Rank)
{
    /// <summary>Computes the log-probabilities.</summary>
    /// <param name="logits"><c>[vocabulary]</c>, as the model computed them.</param>
    /// <param name="chosen">The token that was sampled.</param>
    /// <param name="top">How many of the most probable tokens to report; 0 or more.</param>
    /// <exception cref="InvalidLogitsException">A logit is not a number or plus infinity, or all are minus infinity.</exception>
    public static TopLogProbabilities Compute(ReadOnlySpan<float> logits, int chosen, int top)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)chosen, (uint)logits.Length, nameof(chosen));
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        InvalidLogitsException.ThrowIfUnusable(logits);
        var candidates = new Candidates(new CandidateBuffer(), logits);
        var maximum = candidates.MaximumLogit();
        double sum = 0;
        foreach (var logit in logits)
        {
            sum += MathF.Exp(logit - maximum);
        }

        var logarithm = maximum + Math.Log(sum);
        var tokens = new List<TokenLogProbability>();
        if (top > 0)
        {
            candidates.KeepTop(top);
            foreach (ref readonly var item in candidates.Items)
            {
                tokens.Add(new TokenLogProbability(item.Token, (float)(item.Logit - logarithm)));
            }
        }

        return new TopLogProbabilities(new TokenLogProbability(chosen, (float)(logits[chosen] - logarithm)), tokens, RankOf(logits, chosen));
    }

    /// <summary>As <see cref="Compute"/>, of the probabilities that a token was drawn with.</summary>
    /// <param name="remaining">The candidates that it was drawn from (<see cref="Sampler.Remaining"/>), itself among them.</param>
    /// <param name="logits"><c>[vocabulary]</c>, as the model computed them.</param>
    /// <param name="chosen">The token.</param>
    /// <param name="top">How many of the most probable candidates to report; those of probability 0 are left out.</param>
    internal static TopLogProbabilities AfterSampling(ReadOnlySpan<Candidate> remaining, ReadOnlySpan<float> logits, int chosen, int top)
    {
        List<Candidate> possible = [];
        foreach (ref readonly var item in remaining)
        {
            if (item.Probability > 0)
            {
                possible.Add(item);
            }
        }

        static TokenLogProbability Entry(Candidate item) => new(item.Token, MathF.Log(item.Probability));
        var drawn = Entry(possible.Find(item => item.Token == chosen));
        possible.Sort((one, other) => (-one.Probability, one.Token).CompareTo((-other.Probability, other.Token)));
        return new TopLogProbabilities(drawn, [.. possible.Take(top).Select(Entry)], RankOf(logits, chosen));
    }

    private static int RankOf(ReadOnlySpan<float> logits, int chosen)
    {
        var rank = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            rank += logits[token] > logits[chosen] || (logits[token] == logits[chosen] && token < chosen) ? 1 : 0;
        }

        return rank;
    }
}
