namespace Hearth.Engine.Sampling;

/// <summary>
/// Exclude top choices (p-e-w, 2024): with a probability, removes all candidates of at least the threshold but the least probable of
/// them, if enough are left. It has random numbers of its own, from the same seed.
/// </summary>
internal sealed class Xtc(float probability, float threshold, int minimumKept, uint seed) : SamplerStage
{
    private readonly Mt19937 _random = new(seed);

    internal override void Apply(ref Candidates candidates)
    {
        if (candidates.Items.Length < 2 || _random.NextSingle() > probability)
        {
            return;
        }

        candidates.Sort();
        candidates.Softmax();
        var items = candidates.Items;
        var last = 0;
        while (last + 1 < items.Length && items[last + 1].Probability >= threshold)
        {
            last++;
        }

        if (items.Length - last >= minimumKept)
        {
            candidates.SkipFirst(last);
        }
    }
}
