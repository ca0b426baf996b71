namespace Hearth.Engine.Sampling;

/// <summary>The log-probability of a token.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="LogProbability">The natural logarithm of its probability; minus infinity for a token that is excluded.</param>
public readonly record struct TokenLogProbability(int Token, float LogProbability);

/// <summary>
/// What OpenAI's <c>logprobs</c> reports for a position: over the model's own logits, before any sampling stage,
/// <c>logit - max - ln sum exp(logit - max)</c>.
/// </summary>
/// <param name="Chosen">The token that was sampled.</param>
/// <param name="Top">The most probable tokens, in descending order, equal ones by ascending id.</param>
public sealed record TopLogProbabilities(TokenLogProbability Chosen, IReadOnlyList<TokenLogProbability> Top)
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

        return new TopLogProbabilities(new TokenLogProbability(chosen, (float)(logits[chosen] - logarithm)), tokens);
    }
}
