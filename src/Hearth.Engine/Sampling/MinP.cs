namespace Hearth.Engine.Sampling;

/// <summary>
/// Keeps the candidates with at least p times the largest probability: <c>logit >= max + ln p</c> (Nguyen et al., 2024), but never fewer
/// than must be kept.
/// </summary>
internal sealed class MinP(float p, int minimumKept) : SamplerStage
{
    internal override void Apply(ref Candidates candidates)
    {
        var threshold = candidates.MaximumLogit() + MathF.Log(p);
        if (minimumKept > 1 && candidates.CountFrom(threshold) < minimumKept)
        {
            candidates.KeepTop(minimumKept);
        }
        else
        {
            candidates.KeepFrom(threshold);
        }
    }
}
