namespace Hearth.Engine.Sampling;

/// <summary>
/// Nucleus sampling (Holtzman et al., 2019): keeps the most probable candidates, in descending order, until their probabilities reach p
/// and there are as many as must be kept.
/// </summary>
internal sealed class TopP(float p, int minimumKept) : SamplerStage
{
    private const int FirstTry = 512;

    internal override void Apply(ref Candidates candidates)
    {
        var maximum = candidates.MaximumLogit();
        var sum = candidates.SumOfExponentials(maximum);
        if (!candidates.IsList && candidates.Length > 4 * FirstTry)
        {
            // A model is rarely so uncertain that this is not enough; it spares sorting the vocabulary.
            var top = candidates;
            top.KeepTop(FirstTry);
            if (Cut(ref top, maximum, sum))
            {
                candidates = top;
                return;
            }
        }

        if (!candidates.IsSorted)
        {
            // Candidates below (1 - p) / n cannot be needed: all of them together have less than 1 - p. Half of that leaves room for
            // rounding.
            var threshold = maximum + MathF.Log(0.5f * (1 - p) / candidates.Length * sum);
            if (minimumKept <= 1 || candidates.CountFrom(threshold) >= minimumKept)
            {
                candidates.KeepFrom(threshold);
            }

            candidates.Sort();
        }

        Cut(ref candidates, maximum, sum);
    }

    /// <summary>Cuts sorted candidates; false if they do not reach p.</summary>
    private bool Cut(ref Candidates candidates, float maximum, float sum)
    {
        var items = candidates.Items;
        float cumulative = 0;
        for (var i = 0; i < items.Length; i++)
        {
            cumulative += MathF.Exp(items[i].Logit - maximum) / sum;
            if (cumulative >= p && i + 1 >= minimumKept)
            {
                candidates.KeepFirst(i + 1);
                return true;
            }
        }

        return false;
    }
}
