namespace Hearth.Engine.Sampling;

/// <summary>One step of the sampling chain: removes candidates, orders them or changes their logits.</summary>
internal abstract class SamplerStage
{
    internal abstract void Apply(ref Candidates candidates);
}
