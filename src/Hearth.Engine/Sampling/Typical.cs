namespace Hearth.Engine.Sampling;

/// <summary>
/// Locally typical sampling (Meister et al., 2022): keeps the candidates whose surprise is nearest to the entropy,
/// by ascending <c>|-ln p - H|</c>, until their probabilities pass p and there are as many as must be kept.
/// </summary>
internal sealed class Typical(float p, int minimumKept) : SamplerStage
{
    internal override void Apply(ref Candidates candidates)
    {
        candidates.Sort();
        candidates.Softmax();
        var items = candidates.Items;
        var entropy = Entropy.Of(items);
        var keys = candidates.Keys();
        for (var i = 0; i < items.Length; i++)
        {
            keys[i] = CandidateKey.Pack(-MathF.Abs(-MathF.Log(items[i].Probability) - entropy), i);
        }

        keys.Sort();
        float cumulative = 0;
        var kept = 0;
        while (kept < items.Length && (cumulative <= p || kept < minimumKept))
        {
            cumulative += items[CandidateKey.Id(keys[kept++])].Probability;
        }

        candidates.Reorder(keys, kept);
    }
}
