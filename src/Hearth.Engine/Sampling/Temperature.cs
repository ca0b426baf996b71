namespace Hearth.Engine.Sampling;

/// <summary>
/// Divides the logits by a temperature; 0 leaves only the most probable candidate. With a range it is dynamic:
/// <c>T = min + (max - min) * (H / ln n) ^ exponent</c>, where min and max are the temperature minus (at least 0) and plus the range, and
/// H is the entropy of the n candidates.
/// </summary>
internal sealed class Temperature(float temperature, float range, float exponent) : SamplerStage
{
    internal override void Apply(ref Candidates candidates)
    {
        if (range == 0)
        {
            Divide(ref candidates, temperature);
        }
        else if (candidates.Items.Length > 1)
        {
            candidates.Sort();
            candidates.Softmax();
            var items = candidates.Items;
            var normalized = Entropy.Of(items) / MathF.Log(items.Length);
            var (minimum, maximum) = (Math.Max(0, temperature - range), Candidates.Finite(temperature + range));
            Divide(ref candidates, minimum + ((maximum - minimum) * MathF.Pow(normalized, exponent)));
        }
    }

    private static void Divide(ref Candidates candidates, float temperature)
    {
        // A temperature so small that the largest logit overflows is as good as 0.
        if (temperature <= 0 || !float.IsFinite(candidates.MaximumLogit() / temperature))
        {
            candidates.KeepMaximum();
            return;
        }

        foreach (ref var item in candidates.Items)
        {
            item.Logit /= temperature;
        }
    }
}
