namespace Hearth.Engine.Sampling;

/// <summary>Adds to the logits of tokens; minus infinity excludes them.</summary>
internal sealed class LogitBias(Dictionary<int, float> biases) : SamplerStage
{
    internal override void Apply(ref Candidates candidates) =>
        candidates.Change(biases, static (logit, bias) => Math.Min(logit + bias, float.MaxValue));
}
