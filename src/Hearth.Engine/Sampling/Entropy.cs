namespace Hearth.Engine.Sampling;

/// <summary>The entropy of the candidates' probabilities.</summary>
internal static class Entropy
{
    /// <summary><c>-sum p ln p</c>, in nats.</summary>
    internal static float Of(ReadOnlySpan<Candidate> items)
    {
        float entropy = 0;
        foreach (ref readonly var item in items)
        {
            if (item.Probability > 0)
            {
                entropy -= item.Probability * MathF.Log(item.Probability);
            }
        }

        return entropy;
    }
}
