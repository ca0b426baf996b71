namespace Hearth.Engine.Sampling;

/// <summary>Keeps the k candidates with the largest logits, in descending order.</summary>
internal sealed class TopK(int k) : SamplerStage
{
    internal override void Apply(ref Candidates candidates) => candidates.KeepTop(k);
}
