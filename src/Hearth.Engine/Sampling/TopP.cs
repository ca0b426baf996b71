namespace Hearth.Engine.Sampling;

/// <summary>
/// Nucleus sampling (Holtzman et al., 2019): keeps the most probable candidates, in descending order, until their probabilities reach p
/// and there are as many as must be kept.
/// </summary>
internal sealed class TopP(float p, int minimumKept) : SamplerStage
{
    internal override void Apply(ref Candidates candidates)
    {
        var maximum = candidates.MaximumLogit();
        var sum = candidates.SumOfExponentials(maximum);
        if (!candidates.IsSorted)
        {
            // Candidates below (1 - p) / n cannot be needed: all of them together have less than 1 - p. Half of that leaves room for
            // rounding. It spares sorting most of a vocabulary.
            var threshold = maximum + (float)Math.Log(0.5 * (1 - p) / candidates.Length * sum);
            if (minimumKept <= 1 || candidates.CountFrom(threshold) >= minimumKept)
            {
                candidates.KeepFrom(threshold);
            }

            candidates.Sort();
        }

        var items = candidates.Items;
        double cumulative = 0;
        for (var i = 0; i < items.Length; i++)
        {
            cumulative += (float)(MathF.Exp(items[i].Logit - maximum) / sum);
            if (cumulative >= p && i + 1 >= minimumKept)
            {
                candidates.KeepFirst(i + 1);
                return;
            }
        }
    }
}
