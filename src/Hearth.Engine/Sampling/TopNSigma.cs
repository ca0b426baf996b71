namespace Hearth.Engine.Sampling;

/// <summary>
/// Keeps the logits of at least <c>max - n * sigma</c>, sigma being the population standard deviation of the finite logits (Tang et al.,
/// 2024).
/// </summary>
internal sealed class TopNSigma(float n) : SamplerStage
{
    internal override void Apply(ref Candidates candidates)
    {
        var maximum = candidates.MaximumLogit();
        var (count, sum, _) = candidates.Moments(0);
        if (count > 1)
        {
            var sigma = Math.Sqrt(candidates.Moments(sum / count).Squares / count);
            candidates.KeepFrom((float)(maximum - (n * sigma)));
        }
    }
}
